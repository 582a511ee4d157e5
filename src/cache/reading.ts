import { AsyncLocalStorage } from 'node:async_hooks';
import { meets, type Touch } from '../storage/touch.ts';

/** How long what was read stands, in epoch milliseconds. */
export interface Bounds {
  /** From then on it may be refreshed; Infinity where nothing of it ages. */
  readonly until: number;
  /** Beyond it the same question may be answered differently: then what was read must not stand for an answer. */
  readonly expires: number;
}

/** What an answer is based on, noted while it is made. */
export interface Reading {
  /** What was read, one touch a table and account. */
  touches(): readonly Touch[];
  /** As it is now: a refresh that brings nothing new moves them on. Holds nothing else of the reading. */
  readonly bounds: () => Bounds;
  /** Why it is true for this moment alone; null where it may stand for later answers. */
  readonly unkeepable: string | null;
  /** Something that it read was written since. */
  readonly outdated: boolean;
  /** To be told of what is written as long as the work goes on. */
  outdate(written: Touch): void;
}

interface OpenReading extends Reading {
  note(touch: Touch): void;
  noteBounds(place: string, bounds: () => Bounds): void;
  noteUnkeepable(reason: string): void;
}

const current = new AsyncLocalStorage<OpenReading | null>();

/** Does work and notes what it reads. `began` is given the reading before anything is read, so that writes meanwhile can outdate it. */
export async function recordReading<T>(
  work: () => Promise<T> | T,
  began: (reading: Reading) => void = () => undefined,
): Promise<{ readonly value: T; readonly reading: Reading }> {
  const reading = openReading();
  began(reading);
  return { value: await current.run(reading, work), reading };
}

/** For work that serves others too, or goes on when the answer is there: what it reads is nothing that the answer read. */
export function unrecorded<T>(work: () => T): T {
  return current.run(null, work);
}

/** Whether anybody wants to know what is read. */
export function isRecorded(): boolean {
  return current.getStore() != null;
}

/** Something was read. To be called before it is read, or in the same tick. */
export function noteTouch(touch: Touch): void {
  current.getStore()?.note(touch);
}

/** What was read in `place` depends on the time. `bounds` is asked whenever what it last said is over, and for as long as an answer is kept. */
export function noteBounds(place: string, bounds: () => Bounds): void {
  current.getStore()?.noteBounds(place, bounds);
}

/** What was read depends on more than storage and time, such as on what is in memory, and is true for this moment alone. */
export function noteUnkeepable(reason: string): void {
  current.getStore()?.noteUnkeepable(reason);
}

function openReading(): OpenReading {
  const touched = openTouched();
  const bounds = openBounds();
  let unkeepable: string | null = null;
  let outdated = false;
  return {
    touches: touched.all,
    bounds: bounds.now,
    get unkeepable() {
      return unkeepable;
    },
    get outdated() {
      return outdated;
    },
    outdate(written) {
      outdated ||= touched.all().some((touch) => meets(touch, written));
    },
    note: touched.note,
    noteBounds: bounds.note,
    noteUnkeepable(reason) {
      unkeepable ??= reason;
    },
  };
}

/** One touch for each table, account and set of columns. */
function openTouched() {
  interface Touched {
    readonly touch: Touch;
    /** Null: any. */
    keys: Set<string> | null;
  }
  const byColumns = new Map<Touch['columns'], Map<string, Touched>>();
  const placesOf = (columns: Touch['columns']) => {
    const known = byColumns.get(columns) ?? new Map<string, Touched>();
    byColumns.set(columns, known);
    return known;
  };
  return {
    note(touch: Touch) {
      const places = placesOf(touch.columns);
      const place = `${touch.table} ${touch.account ?? ''}`;
      const known = places.get(place);
      if (known === undefined) places.set(place, { touch, keys: touch.keys && new Set(touch.keys) });
      else if (touch.keys === null) known.keys = null;
      else for (const key of touch.keys) known.keys?.add(key);
    },
    all: () =>
      [...byColumns.values()].flatMap((places) =>
        [...places.values()].map(({ touch, keys }) => ({ ...touch, keys: keys && [...keys] })),
      ),
  };
}

/** Those of all places: the earliest of each. */
function openBounds() {
  const places = new Map<string, () => Bounds>();
  const earliest = (one: Bounds, other: Bounds): Bounds => ({
    until: Math.min(one.until, other.until),
    expires: Math.min(one.expires, other.expires),
  });
  return {
    note: (place: string, bounds: () => Bounds) => void places.set(place, bounds),
    now: () => places.values().reduce((all, bounds) => earliest(all, bounds()), unbounded),
  };
}

const unbounded: Bounds = { until: Number.POSITIVE_INFINITY, expires: Number.POSITIVE_INFINITY };
