import { centsToMills, type Mills } from '../money.ts';
import { type Block, blockOf, blocks } from './numbering.ts';
import { type Pattern, variety } from './pattern.ts';

/** What the rows of a history take from the wallet, and the top-ups that cover it. */
export interface Debits {
  /** The signed amount of a row: negative for a debit. */
  amountOf(row: number): Mills;
  /** What the first `row` rows took, top-ups left out. */
  before(row: number): Mills;
  /** What the top-ups among the first `row` rows brought. */
  toppedUpBefore(row: number): Mills;
}

/** Sums of the first n values of a sequence that repeats: constant time for any n. */
function repeatedSums(period: number, valueAt: (index: number) => number): (n: number) => number {
  const sums = [0];
  for (let i = 0; i < period; i++) sums.push((sums[i] ?? 0) + valueAt(i));
  const whole = sums[period] ?? 0;
  return (n) => Math.floor(n / period) * whole + (sums[n % period] ?? 0);
}

const monthly = (block: Block): Mills => centsToMills(block.monthlyRateCents);
const firstMonth = (block: Block): Mills => centsToMills(block.monthlyRateCents + block.setupFeeCents);

/** Top-ups are round: whole multiples of the largest of these that each cycle spends. */
const steps: readonly Mills[] = [50_000, 25_000, 10_000, 5_000, 1_000];

/** Sums up a pattern whose first order or renewal is the account's event number `firstEvent`. */
export function createDebits(pattern: Pattern, numbers: number, firstEvent: number): Debits {
  const orders = Math.ceil(numbers / 2);
  const renewed = repeatedSums(blocks.length, (i) => monthly(blockOf(i)));
  const bought = repeatedSums(blocks.length, (i) => firstMonth(blockOf(i)));
  const used = repeatedSums(pattern.length * variety, pattern.usageOf);

  const spentOnEvents = (count: number): Mills => {
    if (count <= orders) return bought(Math.min(2 * count, numbers));
    const renewals = count - orders;
    const rounds = Math.floor(renewals / numbers);
    return bought(numbers) + rounds * renewed(numbers) + renewed(renewals % numbers);
  };
  const before = (row: number): Mills =>
    used(row) + spentOnEvents(firstEvent + pattern.eventsBefore(row)) - spentOnEvents(firstEvent);

  const cheapest = Math.min(...blocks.map(monthly)) * pattern.eventsBefore(pattern.length);
  const cycles = Array.from({ length: variety }, (_, c) => used((c + 1) * pattern.length) - used(c * pattern.length));
  const step = steps.find((candidate) => candidate <= cheapest + Math.min(...cycles)) ?? 1;
  const toppedUpBefore = (row: number): Mills => {
    const end = Math.floor(row / pattern.length) * pattern.length;
    return step * Math.floor(before(end) / step);
  };

  return {
    before,
    toppedUpBefore,
    amountOf: (row) =>
      pattern.kindOf(row) === 'top-up' ? toppedUpBefore(row + 1) - toppedUpBefore(row) : before(row) - before(row + 1),
  };
}
