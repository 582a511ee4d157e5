import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { Touch } from '../storage/touch.ts';
import { createTouchIndex } from '../storage/touch-index.ts';
import { type Reading, recordReading } from './reading.ts';

/** What a root field came to, as it is served again. */
export interface KeptField {
  /** The bytes of its JSON, one character each; empty where its directives left it out. */
  readonly bytes: string;
  /** The same for the same bytes alone. */
  readonly tag: string;
}

/** How one question is worked out. */
export interface Work<T> {
  run(): Promise<T>;
  /** What of the result is to be served again; null: nothing. */
  keep(result: T): KeptField | null;
}

/** Without a `result`: it was there, or another one who asked the same waited for it too. */
export type Asked<T> = { readonly kept: KeptField } | { readonly result: T; readonly kept: KeptField | null };

/** `fresh`: nothing that is kept will do, though what comes of it is kept. */
export type Way = 'usual' | 'fresh';

export interface KeptFieldStats {
  readonly entries: number;
  readonly bytes: number;
  /** How often one was worked out. */
  readonly workedOut: number;
  /** Those dropped because something that they read was written. */
  readonly dropped: number;
}

/**
 * What root fields came to, by their questions: a question names everything that it can depend on besides what it reads. What is written
 * drops all that have read it, at once; none is served beyond the bounds of what it read.
 */
export interface KeptFields {
  /** What is kept of a question; null where it has to be worked out, also where it is time to do so again. */
  find(question: string): KeptField | null;
  /** Works a question out, once for all who ask it at the same moment. Rejects with what the work throws. */
  ask<T>(question: string, work: Work<T>, way?: Way): Promise<Asked<T>>;
  /** To be told of everything that is written, in the tick in which others can read it. */
  written(touch: Touch): void;
  stats(): KeptFieldStats;
}

export interface KeptFieldsOptions {
  readonly clock: Clock;
  readonly maxBytes: number;
  /**
   * How long one is served at the most, in milliseconds: where others write the same database, who tell nobody. Default: as long
   * as it is true.
   */
  readonly longest?: number | undefined;
}

interface Entry {
  readonly question: string;
  readonly field: KeptField;
  readonly touches: ReturnType<Reading['touches']>;
  readonly bytes: number;
  readonly bounds: Reading['bounds'];
  /** Whatever its bounds are. */
  readonly latest: number;
  /** When its work began, or its bounds were last asked for: a clock that is put back behind it says nothing of its age. */
  from: number;
  expires: number;
  /** From then on whoever asks next works it out anew, while all others are served. */
  due: number;
  /** Something that it read was written: it is served to nobody any more, and waits to be cleared away. */
  dropped: boolean;
}

interface Flight {
  /** What it came to, where that serves others; never rejects. */
  readonly done: Promise<KeptField | null>;
  readonly isOutdated: () => boolean;
}

/** How long one who works an answer out anew has for it until the next one does too, in milliseconds. */
const renewalEvery = 1_000;

/** So many are cleared away in one turn of the event loop, which takes some 3 ms: a write may drop all that there are. */
const clearedAtOnce = 500;

/** What an entry takes besides its bytes, and each table and key that it read, in bytes. */
const overhead = 1_000;
const overheadPerTouch = 200;
const overheadPerKey = 120;

export function createKeptFields({
  clock,
  maxBytes,
  longest = Number.POSITIVE_INFINITY,
}: KeptFieldsOptions): KeptFields {
  const index = createTouchIndex<Entry>();
  const counts = { workedOut: 0, dropped: 0 };
  const running = new Set<Reading>();
  const flights = new Map<string, Flight>();
  const entries = new LRUCache<string, Entry>({
    maxSize: maxBytes,
    // One must not push out all others.
    maxEntrySize: Math.ceil(maxBytes / 8),
    sizeCalculation: ({ bytes }) => bytes,
    dispose: (entry) => index.remove(entry, entry.touches),
  });

  const alive = (question: string, now: number): Entry | undefined => {
    const entry = entries.get(question);
    if (entry === undefined) return undefined;
    // What it is based on may have been refreshed since, and have come out the same.
    if (now >= entry.from && now >= Math.min(entry.due, entry.expires)) bound(entry, now);
    if (!entry.dropped && now >= entry.from && now < entry.expires) return entry;
    entries.delete(question);
    return undefined;
  };
  /** Whoever has worked it out has had refreshed what it was time to refresh. */
  const dueAt = (until: number) => (until > clock.now() ? until : clock.now() + renewalEvery);
  const keep = (question: string, field: KeptField, { reading, from }: { reading: Reading; from: number }) => {
    const touches = reading.touches();
    const { bounds } = reading;
    const { until, expires } = bounds();
    const latest = from + longest;
    const times = { latest, from, expires: Math.min(expires, latest), due: dueAt(until) };
    const entry = { question, field, touches, bytes: sizeOf(field, touches), bounds, ...times, dropped: false };
    entries.set(question, entry);
    // One that is too large is not there.
    if (entries.has(question)) index.add(entry, touches);
  };
  const workOut = async <T>(
    question: string,
    work: Work<T>,
    began: (reading: Reading) => void = () => undefined,
  ): Promise<{ readonly result: T; readonly kept: KeptField | null }> => {
    counts.workedOut += 1;
    const from = clock.now();
    let noted: Reading | null = null;
    try {
      const { value: result, reading } = await recordReading(work.run, (begun) => {
        noted = begun;
        running.add(begun);
        began(begun);
      });
      const kept = isTrueLater(reading, clock.now()) ? work.keep(result) : null;
      if (kept === null) entries.delete(question);
      else keep(question, kept, { reading, from });
      return { result, kept };
    } finally {
      if (noted !== null) running.delete(noted);
    }
  };
  const lead = <T>(question: string, work: Work<T>) => {
    let reading: Reading | null = null;
    const led = workOut(question, work, (begun) => {
      reading = begun;
    });
    const flight: Flight = {
      done: led.then(
        ({ kept }) => kept,
        () => null,
      ),
      isOutdated: () => (reading as Reading | null)?.outdated ?? false,
    };
    flights.set(question, flight);
    void flight.done.then(() => {
      if (flights.get(question) === flight) flights.delete(question);
    });
    return led;
  };

  const dropped: Entry[] = [];
  let isClearing = false;
  const drop = (entry: Entry) => {
    if (entry.dropped) return;
    entry.dropped = true;
    counts.dropped += 1;
    dropped.push(entry);
  };
  const clear = () => {
    // One that was worked out since stays.
    for (const entry of dropped.splice(-clearedAtOnce))
      if (entries.peek(entry.question) === entry) entries.delete(entry.question);
    isClearing = dropped.length > 0;
    if (isClearing) setImmediate(clear);
  };

  return {
    find(question) {
      const now = clock.now();
      const entry = alive(question, now);
      return entry === undefined || now >= entry.due ? null : entry.field;
    },
    async ask(question, work, way = 'usual') {
      if (way === 'fresh') return workOut(question, work);
      const now = clock.now();
      const entry = alive(question, now);
      if (entry !== undefined && now < entry.due) return { kept: entry.field };
      if (entry !== undefined) entry.due = now + renewalEvery;
      const flight = flights.get(question);
      // What was begun before something was written must not answer who asks after it.
      if (flight === undefined || flight.isOutdated()) return lead(question, work);
      const kept = await flight.done;
      return kept === null ? workOut(question, work) : { kept };
    },
    written(touch) {
      for (const reading of running) reading.outdate(touch);
      index.take(touch, drop);
      if (dropped.length > 0 && !isClearing) clear();
    },
    stats: () => ({ entries: entries.size, bytes: entries.calculatedSize, ...counts }),
  };
}

function isTrueLater({ unkeepable, outdated, bounds }: Reading, now: number): boolean {
  return unkeepable === null && !outdated && now < bounds().expires;
}

function bound(entry: Entry, now: number): void {
  const { until, expires } = entry.bounds();
  Object.assign(entry, { from: now, expires: Math.min(expires, entry.latest), due: until });
}

function sizeOf({ bytes }: KeptField, touches: Entry['touches']): number {
  const keys = touches.reduce((sum, touch) => sum + (touch.keys?.length ?? 0), 0);
  return bytes.length + overhead + touches.length * overheadPerTouch + keys * overheadPerKey;
}
