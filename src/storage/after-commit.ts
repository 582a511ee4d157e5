import type { Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** Kept beside the transaction, so that whoever writes in one needs to know nothing of who began it. */
const waiting = new WeakMap<Transaction<Tables>, Set<() => void>>();

/**
 * Calls `work` once the transaction is committed, or may be (the answer to its commit was lost), and never where what was done in it
 * failed; given twice, it is called once. It must not throw.
 */
export function afterCommit(trx: Transaction<Tables>, work: () => void): void {
  waiting.set(trx, (waiting.get(trx) ?? new Set()).add(work));
}

/** To be called by whoever committed the transaction, or tried to, outside of it. */
export function runAfterCommit(trx: Transaction<Tables>): void {
  for (const work of waiting.get(trx) ?? []) work();
}
