import { LRUCache } from 'lru-cache';
import type { Scope } from '../access/viewer.ts';
import type { Tables } from './tables.ts';
import type { Observer, Touch } from './touch.ts';
import { createTouchIndex } from './touch-index.ts';
import { columnsRead } from './touches/plan.ts';
import { columnOf } from './touches/table-keys.ts';

/** What is read by its key: rows made of one table alone, as a scope sees them. */
export interface RowsOf {
  /** No others have it. */
  readonly name: string;
  readonly table: keyof Tables;
  readonly scope: Scope;
  /** The column whose values are the keys. */
  readonly column: string;
  /** What they are read by, whichever their keys are. */
  readonly statement: () => string;
}

type Key = string | number;

/** The rows of one place, by their keys; null: there is none. They are shared, and must not be changed by who reads them. */
export interface RowsKnown {
  /** The row as it is now, noted as read; undefined where it has to be read. */
  find(key: Key): object | null | undefined;
  /** To be called before rows are read. What it gives takes what was read, unless their table was written meanwhile. */
  reading(): (rows: Iterable<readonly [Key, object | null]>) => void;
}

/** Rows that were read by their keys, for as long as nothing is written to their table that they depend on. */
export interface KnownRows {
  of(rows: RowsOf): RowsKnown;
  /** To be told of everything that is written, in the tick in which others can read it. */
  written(touch: Touch): void;
}

/** Some ten MiB. Where there are more, all are forgotten. */
const mostRows = 20_000;
/** A client's viewers have a place for each table. */
const mostPlaces = 2_000;

interface Place extends RowsKnown {
  forget(): void;
  /** It is told of nothing any more, and knows nothing: somebody may still hold it. */
  end(): void;
}

/** For a database that nobody else writes. */
export function createKnownRows(observer: Pick<Observer, 'read'>): KnownRows {
  const places = new LRUCache<string, Place>({ max: mostPlaces, dispose: (place) => place.end() });
  /** Those that know or read rows: all others are nothing to what is written, however many viewers there are. */
  const index = createTouchIndex<Place>();
  let count = 0;
  const forgetAll = () => {
    for (const place of places.values()) place.forget();
  };

  const createPlace = ({ table, scope: { account }, column, statement }: RowsOf): Place => {
    const columns = columnsRead(table, statement());
    const rows = new Map<Key, object | null>();
    let writes = 0;
    let ended = false;
    const keyed = columnOf(table, 'key') === column;
    const whole: Touch = { table, account, keys: null, columns };
    const forget = () => {
      writes += 1;
      count -= rows.size;
      rows.clear();
    };
    const place: Place = {
      forget,
      end() {
        ended = true;
        forget();
        index.remove(place, [whole]);
      },
      find(key) {
        const row = rows.get(key);
        if (row !== undefined) observer.read(keyed ? { ...whole, keys: [String(key)] } : whole);
        return row;
      },
      reading() {
        if (!ended) index.add(place, [whole]);
        const before = writes;
        return (read) => {
          if (ended || writes !== before) return;
          if (count >= mostRows) forgetAll();
          count -= rows.size;
          for (const [key, row] of read) rows.set(key, row);
          count += rows.size;
        };
      },
    };
    return place;
  };

  return {
    of(rows) {
      const { scope } = rows;
      const name = JSON.stringify([rows.name, scope.account, scope.client]);
      const known = places.get(name);
      if (known !== undefined) return known;
      const place = createPlace(rows);
      places.set(name, place);
      return place;
    },
    written: (touch) => index.take(touch, (place) => place.forget()),
  };
}

const unknown: RowsKnown = { find: () => undefined, reading: () => () => undefined };

/** For a database that others write, who tell nobody: nothing is known. */
export const noKnownRows: KnownRows = { of: () => unknown, written: () => undefined };
