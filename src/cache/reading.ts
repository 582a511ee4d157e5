import { AsyncLocalStorage } from 'node:async_hooks';
import { meets, type Touch } from '../storage/touch.ts';

/** What an answer is based on, noted while it is made. Times are epoch milliseconds. */
export interface Reading {
  /** What was read, one touch a table and account. */
  touches(): readonly Touch[];
  /** From then on what it is based on may be refreshed; Infinity where nothing of it ages. */
  readonly until: number;
  /** Beyond it the same question may be answered differently: then what was read must not stand for an answer. */
  readonly expires: number;
  /** Why it is true for this moment alone; null where it may stand for later answers. */
  readonly unkeepable: string | null;
  /** Something that it read was written since. */
  readonly outdated: boolean;
  /** To be told of what is written as long as the work goes on. */
  outdate(written: Touch): void;
}

interface OpenReading extends Reading {
  note(touch: Touch): void;
  noteFresh(until: number, expires: number): void;
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

/** What was read depends on the time: it is fresh until then, and true no longer than until `expires` (epoch milliseconds). */
export function noteFresh(until: number, expires: number): void {
  current.getStore()?.noteFresh(until, expires);
}

/** What was read depends on more than storage and time, such as on what is in memory, and is true for this moment alone. */
export function noteUnkeepable(reason: string): void {
  current.getStore()?.noteUnkeepable(reason);
}

function openReading(): OpenReading {
  /** By table and account; null: any key. */
  const touched = new Map<string, { readonly touch: Touch; keys: Set<string> | null }>();
  const freshness = { until: Number.POSITIVE_INFINITY, expires: Number.POSITIVE_INFINITY };
  let unkeepable: string | null = null;
  let outdated = false;
  const touches = () => [...touched.values()].map(({ touch, keys }) => ({ ...touch, keys: keys && [...keys] }));
  return {
    touches,
    get until() {
      return freshness.until;
    },
    get expires() {
      return freshness.expires;
    },
    get unkeepable() {
      return unkeepable;
    },
    get outdated() {
      return outdated;
    },
    outdate(written) {
      outdated ||= touches().some((touch) => meets(touch, written));
    },
    note(touch) {
      const place = `${touch.table} ${touch.account ?? ''}`;
      const known = touched.get(place);
      if (known === undefined) touched.set(place, { touch, keys: touch.keys && new Set(touch.keys) });
      else if (touch.keys === null) known.keys = null;
      else for (const key of touch.keys) known.keys?.add(key);
    },
    noteFresh(until, expires) {
      freshness.until = Math.min(freshness.until, until);
      freshness.expires = Math.min(freshness.expires, expires);
    },
    noteUnkeepable(reason) {
      unkeepable ??= reason;
    },
  };
}
