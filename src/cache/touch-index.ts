import type { Touch } from '../storage/touch.ts';

/** Finds by what is written whatever has read it: exactly those of which `meets` says so, without asking each. */
export interface TouchIndex<T extends string> {
  add(item: T, touches: readonly Touch[]): void;
  /** @param touches those that it was added with. */
  remove(item: T, touches: readonly Touch[]): void;
  /** Those that have read what is written, in a set that is the caller's own. */
  meeting(written: Touch): Set<T>;
}

/** Who has read of one table and account. */
interface Readers<T extends string> {
  readonly account: string | null;
  /** All of it, or what cannot be told by its key. */
  readonly whole: Set<T>;
  /** One alone stands without a set, which would take thrice the memory. */
  readonly byKey: Map<string, T | Set<T>>;
}

export function createTouchIndex<T extends string>(): TouchIndex<T> {
  const tables = new Map<string, Readers<T>[]>();
  const readersOf = ({ table, account }: Touch) => tables.get(table)?.find((readers) => readers.account === account);
  const madeFor = (touch: Touch): Readers<T> => {
    const made = { account: touch.account, whole: new Set<T>(), byKey: new Map<string, T | Set<T>>() };
    tables.set(touch.table, [...(tables.get(touch.table) ?? []), made]);
    return made;
  };
  const forgetUnread = (table: string) => {
    const read = (tables.get(table) ?? []).filter(({ whole, byKey }) => whole.size > 0 || byKey.size > 0);
    if (read.length === 0) tables.delete(table);
    else tables.set(table, read);
  };

  return {
    add(item, touches) {
      for (const touch of touches) {
        const { whole, byKey } = readersOf(touch) ?? madeFor(touch);
        if (touch.keys === null) whole.add(item);
        for (const key of touch.keys ?? []) addTo(byKey, key, item);
      }
    },
    remove(item, touches) {
      for (const touch of touches) {
        const readers = readersOf(touch);
        if (readers === undefined) continue;
        readers.whole.delete(item);
        for (const key of touch.keys ?? []) removeFrom(readers.byKey, key, item);
        if (readers.whole.size === 0 && readers.byKey.size === 0) forgetUnread(touch.table);
      }
    },
    meeting(written) {
      const met = (tables.get(written.table) ?? []).filter(
        ({ account }) => written.account === null || account === null || account === written.account,
      );
      return new Set(met.flatMap((readers) => readersAt(readers, written.keys)));
    },
  };
}

function addTo<T extends string>(byKey: Readers<T>['byKey'], key: string, item: T): void {
  const known = byKey.get(key);
  if (known instanceof Set) known.add(item);
  else if (known !== item) byKey.set(key, known === undefined ? item : new Set([known, item]));
}

function removeFrom<T extends string>(byKey: Readers<T>['byKey'], key: string, item: T): void {
  const known = byKey.get(key);
  if (known instanceof Set) known.delete(item);
  if (known === item || (known instanceof Set && known.size === 0)) byKey.delete(key);
}

function readersAt<T extends string>({ whole, byKey }: Readers<T>, keys: readonly string[] | null): T[] {
  return [...whole, ...(keys ?? [...byKey.keys()]).flatMap((key) => at(byKey.get(key)))];
}

function at<T extends string>(known: T | Set<T> | undefined): T[] {
  if (known === undefined) return [];
  return known instanceof Set ? [...known] : [known];
}
