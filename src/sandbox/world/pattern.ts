import { centsToMills, type Mills } from '../money.ts';
import { hash } from '../random.ts';
import { blockOf, blocks } from './numbering.ts';

/** What a row of the history is; an event is an order or a renewal. */
export type RowKind = 'event' | 'sms' | 'call' | 'refund' | 'top-up';

/** The kinds of a history's rows, repeated in cycles so that any row is known without those before it. */
export interface Pattern {
  readonly length: number;
  kindOf(row: number): RowKind;
  /** Orders and renewals among the first `row` rows. */
  eventsBefore(row: number): number;
  /** How far a row lies in the gap between two events, from 0 to 1. */
  shareOfGap(row: number): number;
  /** What a message, call or refund takes from the wallet. It repeats after `variety` cycles. */
  usageOf(row: number): Mills;
  /** The index of the number that a message was sent from; undefined where none can send. */
  textingNumber(row: number): number | undefined;
}

/** Usage has other amounts in each of so many cycles, then starts over. */
export const variety = 5;

const shortest = 20;
const longest = 2000;
const mostEvents = 14;

/** A history goes back three years at the most: more rows are more usage, not older. */
const months = 36;

/** Chooses how many of a cycle's rows are orders and renewals, so that `rows` rows span at most three years. */
export function choosePattern(seed: number, rows: number, numbers: number, trunks: number): Pattern {
  const available = Math.ceil(numbers / 2) + months * numbers;
  const wanted = Math.floor((shortest * available) / Math.max(1, rows));
  const events = numbers === 0 ? 0 : Math.min(mostEvents, Math.max(1, wanted));
  const length = numbers === 0 || wanted >= 1 ? shortest : Math.min(longest, Math.ceil(rows / available));
  const texting = Array.from({ length: Math.min(numbers, blocks.length) }, (_, i) => i).filter(
    (i) => blockOf(i).smsEnabled,
  );

  const cycleOf = (row: number) => Math.floor(row / length);
  const kindOf = (row: number): RowKind => {
    const slot = row % length;
    if (slot < events) return 'event';
    if (slot === length - 1) return 'top-up';
    if (texting.length === 0) return 'call';
    if (slot === length - 2 && cycleOf(row) % variety === variety - 1) return 'refund';
    return (length - slot) % 2 === 1 || trunks === 0 ? 'sms' : 'call';
  };
  const usageOf = (row: number): Mills => {
    const kind = kindOf(row);
    const mixed = hash(seed, 'usage', cycleOf(row) % variety, row % length);
    if (kind === 'sms') return 8 * (1 + (mixed % 3));
    if (kind === 'call') return centsToMills(5 + (mixed % 120));
    return kind === 'refund' ? -usageOf(row - 1) : 0;
  };

  return {
    length,
    kindOf,
    eventsBefore: (row) => cycleOf(row) * events + Math.min(row % length, events),
    shareOfGap: (row) => ((row % length) - events + 1) / (length - events + 1),
    usageOf,
    textingNumber(row) {
      const first = texting[hash(seed, 'texting', row) % Math.max(1, texting.length)];
      if (first === undefined) return undefined;
      const choices = Math.ceil((numbers - first) / blocks.length);
      return first + blocks.length * (hash(seed, 'texting number', row) % choices);
    },
  };
}
