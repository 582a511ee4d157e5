import type { Viewer } from '../access/viewer.ts';
import { type Answers, createAnswers } from '../cache/answers.ts';
import { noteTouch } from '../cache/reading.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { GaugeSource } from '../server/metrics.ts';
import type { Observer } from '../storage/touch.ts';

const mebibyte = 1024 * 1024;

/** The part of the memory that is for requests by which answers are found at once; the rest is for the answers. */
const requestsPart = 1 / 4;

/**
 * How long an answer is served at the most where the database is a server's, in milliseconds: other programs may write it, such as the
 * import command, and tell nobody. A file has one owner.
 */
const longestOnServer = 1_000;

/** Kept answers, and what has to tell them of what is read and written. */
export interface KeptAnswers {
  readonly answers: Answers;
  readonly requestBytes: number;
  readonly observe: Observer;
  readonly gauges: readonly GaugeSource[];
}

/** Null where none are to be kept. */
export function keptAnswers(
  { answersMegabytes, databaseUrl }: Pick<Config, 'answersMegabytes' | 'databaseUrl'>,
  clock: Clock,
): KeptAnswers | null {
  if (answersMegabytes === 0) return null;
  const bytes = answersMegabytes * mebibyte;
  const requestBytes = Math.floor(bytes * requestsPart);
  const longest = databaseUrl.startsWith('postgres') ? longestOnServer : undefined;
  const answers = createAnswers({ clock, maxBytes: bytes - requestBytes, longest });
  const observe = { read: noteTouch, written: answers.written };
  return { answers, requestBytes, observe, gauges: gaugesOf(answers) };
}

/** Everything of a viewer that an answer can depend on. */
export function audienceOf({ account, role, client, name, send = false }: Viewer): string {
  return JSON.stringify([account, role, client, name, send]);
}

function gaugesOf({ stats }: Answers): GaugeSource[] {
  return [
    { name: 'gateway_answers_kept', help: 'Answers that are kept.', read: () => stats().entries },
    { name: 'gateway_answers_bytes', help: 'Memory that they take.', read: () => stats().bytes },
    { name: 'gateway_answers_hits', help: 'Queries answered with a kept answer.', read: () => stats().hits },
    {
      name: 'gateway_answers_misses',
      help: 'Queries that might have been, and were worked out.',
      read: () => stats().misses,
    },
    {
      name: 'gateway_answers_dropped',
      help: 'Answers dropped since something that they read was written.',
      read: () => stats().dropped,
    },
  ];
}
