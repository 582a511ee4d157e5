import type { Child } from './children.ts';
import { type Figure, overRounds, type Rounds, rounded, rounds, share, spreadOf } from './figures.ts';
import type { Questions } from './load/asking.ts';
import { topRate, warmUp } from './load/generating.ts';
import type { Run } from './run.ts';

/** A server under one kind of load. */
export interface Contender {
  readonly name: string;
  readonly child: Child;
  readonly questions: Questions;
  /** Seconds of one long stretch in the place of the rounds, where what it does differs from moment to moment. */
  readonly lasting?: number;
}

export interface Top {
  /** Answers a second. */
  readonly rate: Rounds;
  /** Milliseconds of the server's processor time an answer. */
  readonly processor: Rounds;
  /** Answers in each whole second of the last stretch. */
  readonly bySecond: readonly number[];
}

/** Stretches that do not count: until then V8 has not compiled what a server does most. One is enough where it was asked before. */
export const warmUpStretches = { anew: 3, again: 1 };

interface Seen {
  readonly rate: number[];
  readonly processor: number[];
  bySecond: readonly number[];
}

/** The top rate of each, by name: first what does not count, then in turns, so that what else the machine does falls on all. */
export async function topRates(
  contenders: readonly Contender[],
  { say, seconds }: Run,
  stretches = warmUpStretches.anew,
): Promise<Map<string, Top>> {
  const seen = new Map(contenders.map(({ name }): [string, Seen] => [name, { rate: [], processor: [], bySecond: [] }]));
  for (const { questions } of contenders) await warmUp(questions, stretches * seconds * 1000);
  for (let round = 1; round <= rounds; round++) {
    for (const { name, child, questions, lasting } of contenders) {
      const of = seen.get(name);
      if (of === undefined || (lasting !== undefined && round > 1)) continue;
      const before = child.processorTime();
      const { rate, answered, bySecond } = await topRate(questions, (lasting ?? seconds) * 1000);
      of.rate.push(rate);
      of.processor.push((child.processorTime() - before) / answered);
      of.bySecond = bySecond;
    }
    const lines = contenders.map(({ name }) => `${name} ${rounded(seen.get(name)?.rate.at(-1) ?? Number.NaN)}/s`);
    say(`round ${round}: ${lines.join(', ')}`);
  }
  return new Map(
    [...seen].map(([name, { rate, processor, bySecond }]) => [
      name,
      { rate: overRounds(rate), processor: overRounds(processor), bySecond },
    ]),
  );
}

/** All but the gateway and the server that only returns bytes. */
export function peersOf(tops: ReadonlyMap<string, Top>): Map<string, Top> {
  return new Map([...tops].filter(([name]) => name !== 'gateway' && name !== 'bare'));
}

/** The fastest of them. */
export function best(tops: ReadonlyMap<string, Top>): readonly [name: string, top: Top] | undefined {
  return [...tops].toSorted(([, a], [, b]) => b.rate.median - a.rate.median)[0];
}

/** The typical round's answers a second of each. */
export function ratesOf(tops: ReadonlyMap<string, Top>): Record<string, number> {
  return Object.fromEntries([...tops].map(([name, { rate }]) => [name, rate.median]));
}

/** Each with its rate, as it stands in the table. */
export function spelt(tops: ReadonlyMap<string, Top>): string {
  return [...tops].map(([name, { rate }]) => `${name} ${rounded(rate.median)}/s`).join('; ');
}

export function roundsOf(tops: ReadonlyMap<string, Top>): Record<string, Rounds> {
  return Object.fromEntries([...tops].map(([name, { rate }]) => [name, rate]));
}

/** What one answer costs each, beside a server that only returns bytes: hardly moved by what else the machine does. */
export function processorFigure(row: string, what: string, tops: ReadonlyMap<string, Top>): Figure[] {
  const [gateway, bare] = [tops.get('gateway'), tops.get('bare')];
  if (!gateway || !bare) return [];
  const microseconds = ({ processor }: Top) => `${rounded(processor.median * 1000)} µs`;
  const others = [...tops].filter(([name]) => name !== 'gateway');
  return [
    {
      row,
      what: `${what}: processor time an answer`,
      ratio: share(bare.processor.median / gateway.processor.median),
      seen: microseconds(gateway),
      beside: others.map(([name, top]) => `${name} ${microseconds(top)}`).join('; '),
      spread: spreadOf(gateway.processor, bare.processor),
      data: Object.fromEntries([...tops].map(([name, { processor }]) => [name, processor])),
    },
  ];
}
