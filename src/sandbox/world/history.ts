import type { Mills } from '../money.ts';
import { hash } from '../random.ts';
import { fromMonths, toMonths } from './calendar.ts';
import { createDebits } from './debits.ts';
import { ownedNumberAt } from './numbering.ts';
import { choosePattern } from './pattern.ts';

/** One row of the wallet's history. A negative amount was taken from the wallet. */
export interface Transaction {
  readonly id: number;
  readonly amount: Mills;
  readonly type: string;
  readonly description: string;
  readonly referenceType: 'number' | 'order' | 'trunk' | null;
  readonly referenceId: number | null;
  readonly createdAt: number;
}

/** What a history follows from. `startAt` is epoch ms, and the newest row lies before it. */
export interface HistoryShape {
  readonly seed: number;
  readonly startAt: number;
  readonly transactions: number;
  readonly numbers: number;
  readonly trunks: number;
  readonly balance: Mills;
}

/** The past of an account, computed row by row when asked for. Row 0 is the oldest. */
export interface History {
  readonly count: number;
  row(index: number): Transaction;
  /** When the account's n-th number went live, in epoch ms. */
  activatedAt(index: number): number;
  /** The n-th renewal after the start: which number (by index) and when (epoch ms). */
  renewal(n: number): { index: number; time: number };
  /** How many rows have been computed so far: a test's measure of laziness. */
  computed(): number;
}

/** The first order and number that an account bought; trunks count from 1 too. */
export const firstOrderId = 1001;
/** The order in which the account's n-th number was bought: two numbers each. */
export const orderIdOf = (index: number): number => firstOrderId + Math.floor(index / 2);

/**
 * Lays out a history in which each row follows from its index alone. The wallet's events (orders of two numbers each,
 * then renewals in the order of the anniversaries) are laid on a line of months that ends at the start; messages,
 * calls, refunds and top-ups fill the rows between. Top-ups cover what was spent before, and the opening one
 * makes up the difference, so the sum of all rows is the balance, to the tenth of a cent.
 */
export function createHistory(shape: HistoryShape): History {
  const { seed, numbers, trunks } = shape;
  const count = Math.max(1, shape.transactions);
  const pattern = choosePattern(seed, count - 1, numbers, trunks);
  const orders = Math.ceil(numbers / 2);
  const events = pattern.eventsBefore(count - 1);
  const firstEvent = Math.max(0, orders - events);
  const debits = createDebits(pattern, numbers, firstEvent);
  const now = toMonths(shape.startAt);
  const nextEvent = firstEvent + events;
  let computed = 0;

  const placeOf = (event: number) => {
    if (event < orders) return event / orders;
    const renewal = event - orders;
    return 1 + Math.floor(renewal / numbers) + (renewal % numbers) / (2 * orders);
  };
  const nowPlace = (placeOf(nextEvent - 1) + placeOf(nextEvent)) / 2;
  const timeAt = (point: number) => fromMonths(now + point - nowPlace);

  /** Rows that are no event lie in the first half of the span between two events. */
  const rowTime = (row: number) => {
    if (numbers === 0) return shape.startAt - (count - 1 - row) * 3_600_000 - 1000;
    const before = firstEvent + pattern.eventsBefore(row);
    if (pattern.kindOf(row) === 'event') return timeAt(placeOf(before));
    const from = placeOf(before - 1);
    return timeAt(from + (placeOf(before) - from) * 0.5 * pattern.shareOfGap(row));
  };

  const opening = (): Transaction => ({
    id: 1,
    amount: shape.balance + debits.before(count - 1) - debits.toppedUpBefore(count - 1),
    type: 'top-up',
    description: 'Opening balance',
    referenceType: null,
    referenceId: null,
    createdAt: numbers === 0 ? rowTime(-1) : Math.min(shape.startAt, timeAt(placeOf(firstEvent) - 0.25 / orders)),
  });

  return {
    count,
    row(index) {
      computed++;
      if (index === 0) return opening();
      const row = index - 1;
      return { id: index + 1, createdAt: rowTime(row), ...describe(row) };
    },
    activatedAt: (index) => timeAt(index / (2 * orders)),
    renewal: (n) => {
      const event = nextEvent + n;
      return { index: (event - orders) % numbers, time: timeAt(placeOf(event)) };
    },
    computed: () => computed,
  };

  function describe(row: number): Omit<Transaction, 'id' | 'createdAt'> {
    const kind = pattern.kindOf(row);
    const amount = debits.amountOf(row);
    if (kind === 'event') return describeEvent(firstEvent + pattern.eventsBefore(row), amount);
    if (kind === 'top-up') return { amount, type: kind, description: 'Wallet top-up', ...reference('trunk', null) };
    if (kind === 'call') {
      const id = trunks === 0 ? null : 1 + (hash(seed, 'call', row) % trunks);
      return { amount, type: kind, description: 'Outbound calls', ...reference('trunk', id) };
    }
    return describeText(kind, row, amount);
  }

  function describeText(kind: 'sms' | 'refund', row: number, amount: Mills): Omit<Transaction, 'id' | 'createdAt'> {
    const index = pattern.textingNumber(kind === 'refund' ? row - 1 : row);
    const from = index === undefined ? 'a number' : ownedNumberAt(index, seed);
    const description = kind === 'refund' ? `Refund: undelivered SMS from ${from}` : `SMS from ${from}`;
    return { amount, type: kind, description, ...reference('number', index === undefined ? null : index + 1) };
  }

  function describeEvent(event: number, amount: Mills): Omit<Transaction, 'id' | 'createdAt'> {
    if (event < orders) {
      const id = firstOrderId + event;
      return { amount, type: 'order', description: `Order #${id}`, ...reference('order', id) };
    }
    const index = (event - orders) % numbers;
    const description = `Monthly renewal ${ownedNumberAt(index, seed)}`;
    return { amount, type: 'renewal', description, ...reference('number', index + 1) };
  }
}

function reference(type: 'number' | 'order' | 'trunk', id: number | null) {
  return { referenceType: id === null ? null : type, referenceId: id };
}
