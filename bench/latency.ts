import { type Figure, overRounds, rounded, rounds, share, spreadOf } from './figures.ts';
import type { Questions } from './load/asking.ts';
import { atRate } from './load/generating.ts';
import type { Latencies } from './load/latencies.ts';
import type { Paced as Seen } from './load/load.ts';
import type { Held } from './load/turns.ts';
import type { Run } from './run.ts';
import { best, type Contender, peersOf, type Top } from './turns.ts';

/** A server asked so often a second. */
interface Paced {
  readonly name: string;
  readonly questions: Questions;
  /** Requests a second. */
  readonly rate: number;
}

/** What the gateway is asked, and beside it the bare server as often and the best peer at half of its own top rate. */
export interface Pace {
  readonly gateway: Paced;
  /** Of the gateway, in answers a second. */
  readonly top: number;
  readonly beside: readonly Paced[];
}

const aim = { milliseconds: 5 };
/** Milliseconds that do not count. */
const warmUp = 1_000;
/** Shares of the gateway's top rate; at half of it the aim holds. */
const shares = [0.1, 0.5, 0.8];

export function atHalf(contenders: readonly Contender[], tops: ReadonlyMap<string, Top>): Pace {
  const questions = (name: string) => {
    const found = contenders.find((each) => each.name === name);
    if (found === undefined) throw new Error(`${name} is not asked here`);
    return found.questions;
  };
  const top = tops.get('gateway')?.rate.median ?? Number.NaN;
  const [name, peer] = best(peersOf(tops)) ?? [];
  return {
    gateway: { name: 'gateway', questions: questions('gateway'), rate: top / 2 },
    top,
    beside: [
      ...(tops.has('bare') ? [{ name: 'bare', questions: questions('bare'), rate: top / 2 }] : []),
      ...(name && peer ? [{ name, questions: questions(name), rate: peer.rate.median / 2 }] : []),
    ],
  };
}

/** How long answers take at fixed rates, each counted from when its request should have gone out. */
export async function latencyFigures(row: string, { gateway, top, beside }: Pace, { say, seconds }: Run) {
  const paced = [...shares.map((part) => ({ ...gateway, rate: top * part })), ...beside];
  const seen = paced.map((): Seen[] => []);
  // V8 has yet to compile what sends at a fixed rate.
  await atRate(gateway.questions, gateway.rate, warmUp);
  for (let round = 0; round < rounds; round++) {
    for (const [place, { questions, rate }] of paced.entries()) {
      seen[place]?.push(await atRate(questions, rate, seconds * 1000));
    }
  }
  const over = (place: number, which: keyof Latencies) => overRounds((seen[place] ?? []).map((each) => each[which]));
  const generator = (place: number, which: keyof Held) =>
    overRounds((seen[place] ?? []).map((each) => each.generator[which]));
  const spelt = (place: number) => {
    const [p50, p99, p999] = (['p50', 'p99', 'p999'] as const).map((which) => rounded(over(place, which).median));
    const [held, away] = (['turn', 'waited'] as const).map((which) => rounded(generator(place, which).median));
    return `${p99} ms (p50 ${p50}, p99.9 ${p999}; generator held ${held}, not run for ${away} in all)`;
  };
  const others = beside.map(({ name, rate }, place) => `${name} at ${rounded(rate)}/s ${spelt(shares.length + place)}`);
  say(`p99 at half the top rate: ${spelt(shares.indexOf(0.5))}`);
  return shares.map((part, place): Figure => {
    const p99 = over(place, 'p99');
    return {
      row,
      what: `p99 at ${part * 100}% of its top rate`,
      ratio: share(p99.median / aim.milliseconds),
      ...(part === 0.5 && { aim: { most: 1 } }),
      seen: spelt(place),
      beside: [`limit ${aim.milliseconds} ms; at ${rounded(top * part)}/s`, ...(part === 0.5 ? others : [])].join('; '),
      spread: spreadOf(p99),
      data: {
        rate: top * part,
        p50: over(place, 'p50'),
        p99,
        p999: over(place, 'p999'),
        generator: {
          turn: generator(place, 'turn'),
          collected: generator(place, 'collected'),
          waited: generator(place, 'waited'),
        },
      },
    };
  });
}
