import DataLoader from 'dataloader';
import type { Scope, Viewer } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import type { Bus } from '../events/bus.ts';
import type { Engine } from '../operations/mutation.ts';
import type { Cursors } from './cursors.ts';
import type { Place } from './place.ts';
import { createUpstreamUse, type UpstreamUse } from './upstream-use.ts';

/** What one operation knows: who asks, what they may see, the account's services, and what it has spent so far. */
export interface Context {
  readonly account: Account;
  readonly viewer: Viewer;
  readonly scope: Scope;
  readonly cursors: Cursors;
  readonly use: UpstreamUse;
  /** Wakes this operation where it is a subscription. */
  readonly bus: Bus;
  /** Where it stands in the log, where it is a subscription. */
  readonly place: Place;
  /** Performs mutations, each once. */
  readonly engine: Engine;
  readonly gateway: GatewayFacts;
  readonly requestId: string;
}

/** What only the composition root knows about the process. */
export interface GatewayFacts {
  readonly version: string;
  /** Of the account. */
  subscribers(): number;
}

/** How long what one event of a subscription, or the payload of a mutation, asks for may wait for DIDfarm, in milliseconds. */
const eventAllowance = 10_000;

/** What stands for the operation of a context: the context itself, or what its latest event replaced it by. */
const operations = new WeakMap<Context, object>();

/**
 * To be called before each event of a subscription. Its context is built once and then serves every event, so that without this
 * an event would be answered out of the loaders of an earlier one, against a deadline that has long passed.
 */
export function renewContext(context: Context): void {
  operations.set(context, {});
  const use = createUpstreamUse(context.account.clock.now() + eventAllowance, context.use.signal, context.use.spender);
  Object.assign(context, { use });
}

/**
 * To be called after each mutation: what it changed is read anew, and what its payload asks for has its own time, however long the
 * mutation took. What was spent of the ration goes on being counted.
 */
export function renewAfterMutation(context: Context): void {
  operations.set(context, {});
  Object.assign(context, { use: { ...context.use, deadline: context.account.clock.now() + eventAllowance } });
}

/** What a part of an operation is a part of. */
const wholes = new WeakMap<Context, Context>();

/** A context for a part of an operation, with loaders of its own: what one part reads is nothing that another one read. */
export function partOf(context: Context): Context {
  const part = { ...context };
  wholes.set(part, context);
  return part;
}

/** What the parts of an operation share. */
export function perWholeOperation<T>(make: () => T): (context: Context) => T {
  const ofWhole = perOperation(make);
  return (context) => ofWhole(wholes.get(context) ?? context);
}

/**
 * Something made once an operation, once a part of it that is executed by itself, or once an event of a subscription, such as a DataLoader.
 * Kept beside the context and not in it, so that a subject's loader is known to that subject alone.
 */
export function perOperation<T>(make: (context: Context) => T): (context: Context) => T {
  const made = new WeakMap<object, T>();
  return (context) => {
    const operation = operations.get(context) ?? context;
    const known = made.get(operation);
    if (known !== undefined) return known;
    const fresh = make(context);
    made.set(operation, fresh);
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

/** What a node type loads its rows by id with; a failure for one row fails that row alone. */
export function nodesBy<K, Row>(
  loader: (context: Context) => DataLoader<K, Row | null>,
): (ids: readonly K[], context: Context) => Promise<(Row | null | Promise<never>)[]> {
  return async (ids, context) => {
    const rows = await loader(context).loadMany(ids);
    return rows.map((row) => (row instanceof Error ? Promise.reject(row) : row));
  };
}
