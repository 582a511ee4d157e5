import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Questions } from './asking.ts';
import type { Paced, Top } from './load.ts';

/** What the generator is to do; `rate` in requests a second. */
export interface Order {
  readonly kind: 'warm up' | 'top rate' | 'at rate';
  readonly questions: Questions;
  readonly rate?: number;
  readonly milliseconds: number;
}

export type Answer = { readonly load: Top | Paced | null } | { readonly failure: string };

/** V8 has so much room for new objects, in MiB, that it hardly ever has to look which of them are needed. */
const room = 64;

interface Generator {
  readonly child: ChildProcess;
  readonly ended: Promise<Answer>;
}

let generator: Generator | null = null;

/** Asks until the server knows what it is asked, and V8 on both sides what to do. */
export async function warmUp(questions: Questions, milliseconds: number): Promise<void> {
  await tell({ kind: 'warm up', questions, milliseconds });
}

/** The most that the server can do. */
export async function topRate(questions: Questions, milliseconds: number): Promise<Top> {
  return (await tell({ kind: 'top rate', questions, milliseconds })) as Top;
}

/** Requests come at a fixed rate, answered or not. */
export async function atRate(questions: Questions, rate: number, milliseconds: number): Promise<Paced> {
  return (await tell({ kind: 'at rate', questions, rate, milliseconds })) as Paced;
}

/** One stretch at a time. The process starts with the first one, on the cores of this one, and ends with it. */
async function tell(order: Order): Promise<Top | Paced | null> {
  generator ??= start();
  const { child, ended } = generator;
  const answered = once(child, 'message').then(([answer]) => answer as Answer);
  child.ref();
  child.channel?.ref();
  child.send(order);
  const answer = await Promise.race([answered, ended]);
  // It waits for what comes next, and keeps nobody.
  child.unref();
  child.channel?.unref();
  if ('failure' in answer) throw new Error(answer.failure);
  return answer.load;
}

function start(): Generator {
  const child = fork('bench/load/generator.ts', {
    execArgv: [
      '--disable-warning=ExperimentalWarning',
      `--max-semi-space-size=${room}`,
      `--min-semi-space-size=${room}`,
    ],
  });
  return { child, ended: once(child, 'exit').then(() => ({ failure: 'The generator has ended' })) };
}
