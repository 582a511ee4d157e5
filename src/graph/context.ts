import DataLoader from 'dataloader';
import type { Scope, Viewer } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import type { Cursors } from './cursors.ts';
import type { UpstreamUse } from './upstream-use.ts';

/** What one operation knows: who asks, what they may see, the account's services, and what it has spent so far. */
export interface Context {
  readonly account: Account;
  readonly viewer: Viewer;
  readonly scope: Scope;
  readonly cursors: Cursors;
  readonly use: UpstreamUse;
  readonly gateway: GatewayFacts;
  readonly requestId: string;
}

/** What only the composition root knows about the process. */
export interface GatewayFacts {
  readonly version: string;
  subscribers(): number;
}

/**
 * Something made once an operation, such as a DataLoader: a subscription gives each event a new context and so fresh ones.
 * Kept beside the context and not in it, so that a subject's loader is known to that subject alone.
 */
export function perOperation<T>(make: (context: Context) => T): (context: Context) => T {
  const made = new WeakMap<Context, T>();
  return (context) => {
    const known = made.get(context);
    if (known !== undefined) return known;
    const fresh = make(context);
    made.set(context, fresh);
    return fresh;
  };
}

/** A loader of one row by key; rows are matched by `keyOf`, never by position, and a key without a row gives null. */
export function loaderByKey<K extends string | number, Row>(
  read: (context: Context, keys: readonly K[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => K | null,
): (context: Context) => DataLoader<K, Row | null> {
  return perOperation(
    (context) =>
      new DataLoader<K, Row | null>(async (keys) => {
        const rows = await read(context, keys);
        const byKey = new Map(rows.map((row) => [keyOf(row), row]));
        return keys.map((key) => byKey.get(key) ?? null);
      }),
  );
}

/** A loader's failure for one row fails that row alone. */
export function orThrow<T>(row: T | Error): T {
  if (row instanceof Error) throw row;
  return row;
}
