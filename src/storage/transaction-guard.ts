import { AsyncLocalStorage } from 'node:async_hooks';
import type { KyselyPlugin } from 'kysely';

/** Marks the time in which a transaction is open, and refuses whatever would wait for that same transaction to end. */
export interface TransactionGuard {
  run<T>(work: () => Promise<T>): Promise<T>;
  readonly plugin: KyselyPlugin;
}

/**
 * Inside a transaction everything goes through it: SQLite has one connection, and on both engines transactions take turns,
 * so a query beside it would wait forever. This makes it an error that is seen the first time.
 */
export function createTransactionGuard(): TransactionGuard {
  const current = new AsyncLocalStorage<{ open: boolean }>();
  const refuseInside = () => {
    if (current.getStore()?.open) throw new Error('Inside a transaction, query through the transaction itself.');
  };
  return {
    async run(work) {
      refuseInside();
      const state = { open: true };
      try {
        return await current.run(state, work);
      } finally {
        state.open = false;
      }
    },
    plugin: {
      transformQuery({ node }) {
        refuseInside();
        return node;
      },
      transformResult: async ({ result }) => result,
    },
  };
}
