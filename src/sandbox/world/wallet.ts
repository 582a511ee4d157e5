import type { Mills } from '../money.ts';
import type { History, Transaction } from './history.ts';

/** The account's money: a balance and the rows that add up to it. */
export interface Wallet {
  balance(): Mills;
  /** Writes a row, newest, and moves the balance by its amount. */
  book(entry: Omit<Transaction, 'id' | 'createdAt'>): Transaction;
  count(): number;
  /** Rows newest first. */
  newest(offset: number, limit: number): Transaction[];
  /** Rows of the history computed so far. */
  computed(): number;
}

/** Creates a wallet whose history adds up to `opening`. */
export function createWallet(history: History, opening: Mills, now: () => number): Wallet {
  const booked: Transaction[] = [];
  let balance = opening;
  const count = () => history.count + booked.length;
  const rowAt = (index: number): Transaction => booked[index - history.count] ?? history.row(index);

  return {
    balance: () => balance,
    book(entry) {
      const row = { ...entry, id: count() + 1, createdAt: now() };
      booked.push(row);
      balance += entry.amount;
      return row;
    },
    count,
    newest(offset, limit) {
      const length = Math.max(0, Math.min(limit, count() - offset));
      return Array.from({ length }, (_, i) => rowAt(count() - 1 - offset - i));
    },
    computed: history.computed,
  };
}
