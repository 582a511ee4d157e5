import type { Child } from './children.ts';
import { overRounds, type Rounds, rounded, rounds } from './figures.ts';
import { type Target, topRate } from './load/load.ts';
import type { Run } from './run.ts';

/** A server under one kind of load. */
export interface Contender {
  readonly name: string;
  readonly child: Child;
  readonly target: Target;
}

export interface Top {
  /** Answers a second. */
  readonly rate: Rounds;
  /** Milliseconds of the server's processor time an answer. */
  readonly processor: Rounds;
}

/** The top rate of each, by name: first a stretch that does not count, then in turns, so that what else the machine does falls on all. */
export async function topRates(contenders: readonly Contender[], { say, seconds }: Run): Promise<Map<string, Top>> {
  const seen = new Map(contenders.map(({ name }) => [name, { rate: [] as number[], processor: [] as number[] }]));
  for (const { target } of contenders) await topRate(target, seconds * 1000);
  for (let round = 1; round <= rounds; round++) {
    for (const { name, child, target } of contenders) {
      const before = child.processorTime();
      const { rate, answered } = await topRate(target, seconds * 1000);
      seen.get(name)?.rate.push(rate);
      seen.get(name)?.processor.push((child.processorTime() - before) / answered);
    }
    const lines = contenders.map(({ name }) => `${name} ${rounded(seen.get(name)?.rate.at(-1) ?? Number.NaN)}/s`);
    say(`round ${round}: ${lines.join(', ')}`);
  }
  return new Map(
    [...seen].map(([name, { rate, processor }]) => [
      name,
      { rate: overRounds(rate), processor: overRounds(processor) },
    ]),
  );
}

/** The fastest of them. */
export function best(tops: ReadonlyMap<string, Top>): readonly [name: string, top: Top] | undefined {
  return [...tops].toSorted(([, a], [, b]) => b.rate.median - a.rate.median)[0];
}

/** Each with its rate, as it stands in the table. */
export function ratesOf(tops: ReadonlyMap<string, Top>): string {
  return [...tops].map(([name, { rate }]) => `${name} ${rounded(rate.median)}/s`).join('; ');
}
