import type { Viewer } from '../access/viewer.ts';
import { type Answers, createAnswers } from '../cache/answers.ts';
import { createKeptFields, type KeptFields } from '../cache/kept-fields.ts';
import { noteTouch } from '../cache/reading.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { GaugeSource } from '../server/metrics.ts';
import type { Observer } from '../storage/touch.ts';

const mebibyte = 1024 * 1024;

/** The parts of the memory that are for requests by which answers are found at once, and for what answers are put together of. */
const parts = { requests: 3 / 16, recipes: 1 / 16, fields: 3 / 4 };

/**
 * How long an answer is served at the most where the database is a server's, in milliseconds: other programs may write it, such as the
 * import command, and tell nobody. A file has one owner.
 */
const longestOnServer = 1_000;

/** Kept answers, and what has to tell them of what is read and written. */
export interface KeptAnswers {
  readonly answers: Answers;
  readonly fields: KeptFields;
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
  const longest = databaseUrl.startsWith('postgres') ? longestOnServer : undefined;
  const fields = createKeptFields({ clock, maxBytes: bytes * parts.fields, longest });
  const answers = createAnswers({ fields, maxBytes: bytes * parts.recipes });
  const observe = { read: noteTouch, written: fields.written };
  return { answers, fields, requestBytes: bytes * parts.requests, observe, gauges: gaugesOf(answers, fields) };
}

/** Everything of a viewer that an answer can depend on. */
export function audienceOf({ account, role, client, name, send = false }: Viewer): string {
  return JSON.stringify([account, role, client, name, send]);
}

function gaugesOf(answers: Answers, fields: KeptFields): GaugeSource[] {
  return [
    { name: 'gateway_answers_hits', help: 'Queries answered with what is kept.', read: () => answers.stats().hits },
    { name: 'gateway_answers_fields', help: 'Root fields that are kept.', read: () => fields.stats().entries },
    {
      name: 'gateway_answers_bytes',
      help: 'Memory that they take, and what answers are put together of.',
      read: () => answers.stats().bytes + fields.stats().bytes,
    },
    {
      name: 'gateway_answers_misses',
      help: 'Root fields that might have been kept, and were worked out.',
      read: () => fields.stats().workedOut,
    },
    {
      name: 'gateway_answers_dropped',
      help: 'Root fields dropped since something that they read was written.',
      read: () => fields.stats().dropped,
    },
  ];
}
