import { columnsMeet, type Touch } from './touch.ts';

/** Finds by what is written whatever has read it: exactly those of which `meets` says so, without asking each. */
export interface TouchIndex<T extends object> {
  add(item: T, touches: readonly Touch[]): void;
  /** @param touches those that it was added with. */
  remove(item: T, touches: readonly Touch[]): void;
  /** Gives those that have read what is written, each once or more often. By this they are found no more. */
  take(written: Touch, found: (item: T) => void): void;
}

/** Who has read the same columns of one table and account. */
interface Readers<T extends object> {
  /** All of its rows, or what cannot be told by its key. */
  readonly whole: Set<T>;
  /** One alone stands without a set, which would take thrice the memory. */
  readonly byKey: Map<string, T | Set<T>>;
}

type ByColumns<T extends object> = Map<Touch['columns'], Readers<T>>;

export function createTouchIndex<T extends object>(): TouchIndex<T> {
  const tables = new Map<string, Map<string | null, ByColumns<T>>>();
  const madeFor = ({ table, account, columns }: Touch): Readers<T> => {
    const accounts = inMap(tables, table, () => new Map<string | null, ByColumns<T>>());
    const byColumns = inMap(accounts, account, () => new Map());
    return inMap(byColumns, columns, () => ({ whole: new Set<T>(), byKey: new Map() }));
  };
  const forget = ({ table, account, columns }: Touch) => {
    const accounts = tables.get(table);
    const byColumns = accounts?.get(account);
    byColumns?.delete(columns);
    if (byColumns?.size === 0) accounts?.delete(account);
    if (accounts?.size === 0) tables.delete(table);
  };

  return {
    add(item, touches) {
      for (const touch of touches) {
        const { whole, byKey } = madeFor(touch);
        if (touch.keys === null) whole.add(item);
        for (const key of touch.keys ?? []) addTo(byKey, key, item);
      }
    },
    remove(item, touches) {
      for (const touch of touches) {
        const readers = tables.get(touch.table)?.get(touch.account)?.get(touch.columns);
        if (readers === undefined) continue;
        readers.whole.delete(item);
        for (const key of touch.keys ?? []) removeFrom(readers.byKey, key, item);
        if (readers.whole.size === 0 && readers.byKey.size === 0) forget(touch);
      }
    },
    take({ table, account, keys, columns }, found) {
      const accounts = tables.get(table);
      const ofAccounts =
        account === null ? [...(accounts?.values() ?? [])] : [accounts?.get(account), accounts?.get(null)];
      for (const byColumns of ofAccounts)
        for (const [read, readers] of byColumns ?? []) if (columnsMeet(read, columns)) takeFrom(readers, keys, found);
    },
  };
}

function inMap<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function addTo<T extends object>(byKey: Readers<T>['byKey'], key: string, item: T): void {
  const known = byKey.get(key);
  if (known instanceof Set) known.add(item);
  else if (known !== item) byKey.set(key, known === undefined ? item : new Set([known, item]));
}

function removeFrom<T extends object>(byKey: Readers<T>['byKey'], key: string, item: T): void {
  const known = byKey.get(key);
  if (known instanceof Set) known.delete(item);
  if (known === item || (known instanceof Set && known.size === 0)) byKey.delete(key);
}

function takeFrom<T extends object>(
  { whole, byKey }: Readers<T>,
  keys: readonly string[] | null,
  found: (item: T) => void,
): void {
  for (const item of whole) found(item);
  whole.clear();
  for (const key of keys ?? [...byKey.keys()]) {
    const known = byKey.get(key);
    if (known instanceof Set) for (const item of known) found(item);
    else if (known !== undefined) found(known);
    byKey.delete(key);
  }
}
