import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { Touch } from '../storage/touch.ts';
import { type Reading, recordReading } from './reading.ts';
import { createTouchIndex } from './touch-index.ts';

/** An answer as it is served again. */
export interface Answer {
  /** The bytes of `{"data":…` without the closing brace, one character each: what follows is made anew for each who asks. */
  readonly bytes: string;
  /** As HTTP has it, with its quotes. */
  readonly etag: string;
  /** The operation's own name, for the log. */
  readonly operation: string | undefined;
}

/** How one question is worked out. */
export interface Work<T> {
  run(): Promise<T>;
  /** What of the result is to be served again; null: nothing. */
  answer(result: T): Answer | null;
}

/** `kept`: an answer that was there or that another one who asked the same waited for too. */
export type Asked<T> = { readonly kept: Answer } | { readonly result: T; readonly answer: Answer | null };

/** `fresh`: nothing that is kept will do, though what comes of it is kept. */
export type Way = 'usual' | 'fresh';

export interface AnswerStats {
  readonly entries: number;
  readonly bytes: number;
  /** Questions answered from what is kept, and by working them out. */
  readonly hits: number;
  readonly misses: number;
  /** Answers dropped because something that they read was written. */
  readonly dropped: number;
}

/**
 * Answers by their questions: a question names everything that its answer can depend on besides what it reads. What is written drops
 * every answer that has read it, at once; none is served beyond the bounds of what it read.
 */
export interface Answers {
  /** What is kept of a question; null where it has to be worked out, also where it is time to do so again. */
  find(question: string): Answer | null;
  /** Works a question out, once for all who ask it at the same moment. Rejects with what the work throws. */
  ask<T>(question: string, work: Work<T>, way?: Way): Promise<Asked<T>>;
  /** To be told of everything that is written, in the tick in which others can read it. */
  written(touch: Touch): void;
  stats(): AnswerStats;
}

export interface AnswersOptions {
  readonly clock: Clock;
  readonly maxBytes: number;
  /**
   * How long an answer is served at the most, in milliseconds: where others write the same database, who tell nobody. Default: as long
   * as it is true.
   */
  readonly longest?: number | undefined;
}

interface Kept {
  readonly answer: Answer;
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
  readonly done: Promise<Answer | null>;
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

export function createAnswers({ clock, maxBytes, longest = Number.POSITIVE_INFINITY }: AnswersOptions): Answers {
  const index = createTouchIndex<string>();
  const counts = { hits: 0, misses: 0, dropped: 0 };
  const running = new Set<Reading>();
  const flights = new Map<string, Flight>();
  const answers = new LRUCache<string, Kept>({
    maxSize: maxBytes,
    // One answer must not push out all others.
    maxEntrySize: Math.ceil(maxBytes / 8),
    sizeCalculation: ({ bytes }) => bytes,
    dispose: ({ touches }, question) => index.remove(question, touches),
  });

  const alive = (question: string): Kept | undefined => {
    const kept = answers.get(question);
    if (kept === undefined) return undefined;
    const now = clock.now();
    // What it is based on may have been refreshed since, and have come out the same.
    if (now >= kept.from && now >= Math.min(kept.due, kept.expires)) bound(kept, now);
    if (!kept.dropped && now >= kept.from && now < kept.expires) return kept;
    answers.delete(question);
    return undefined;
  };
  const find = (question: string): Answer | null => {
    const kept = alive(question);
    if (kept === undefined || clock.now() >= kept.due) return null;
    counts.hits += 1;
    return kept.answer;
  };
  /** Whoever has worked it out has had refreshed what it was time to refresh. */
  const dueAt = (until: number) => (until > clock.now() ? until : clock.now() + renewalEvery);
  const keep = (question: string, answer: Answer, { reading, from }: { reading: Reading; from: number }) => {
    const touches = reading.touches();
    const { bounds } = reading;
    const { until, expires } = bounds();
    const latest = from + longest;
    const times = { latest, from, expires: Math.min(expires, latest), due: dueAt(until) };
    answers.set(question, { answer, touches, bytes: sizeOf(answer, touches), bounds, ...times, dropped: false });
    // One that is too large is not there.
    if (answers.has(question)) index.add(question, touches);
  };
  const workOut = async <T>(
    question: string,
    work: Work<T>,
    began: (reading: Reading) => void = () => undefined,
  ): Promise<{ readonly result: T; readonly answer: Answer | null }> => {
    counts.misses += 1;
    const from = clock.now();
    let noted: Reading | null = null;
    try {
      const { value: result, reading } = await recordReading(work.run, (begun) => {
        noted = begun;
        running.add(begun);
        began(begun);
      });
      const answer = isTrueLater(reading, clock.now()) ? work.answer(result) : null;
      if (answer === null) answers.delete(question);
      else keep(question, answer, { reading, from });
      return { result, answer };
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
        ({ answer }) => answer,
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

  const dropped: string[] = [];
  let isClearing = false;
  const drop = (question: string) => {
    const kept = answers.peek(question);
    if (kept === undefined || kept.dropped) return;
    kept.dropped = true;
    counts.dropped += 1;
    dropped.push(question);
  };
  const clear = () => {
    // One that was worked out since stays.
    for (const question of dropped.splice(-clearedAtOnce))
      if (answers.peek(question)?.dropped) answers.delete(question);
    isClearing = dropped.length > 0;
    if (isClearing) setImmediate(clear);
  };

  return {
    find,
    async ask(question, work, way = 'usual') {
      if (way === 'fresh') return workOut(question, work);
      const found = find(question);
      if (found !== null) return { kept: found };
      const kept = alive(question);
      if (kept !== undefined) kept.due = clock.now() + renewalEvery;
      const flight = flights.get(question);
      // What was begun before something was written must not answer who asks after it.
      if (flight === undefined || flight.isOutdated()) return lead(question, work);
      const shared = await flight.done;
      if (shared === null) return workOut(question, work);
      counts.hits += 1;
      return { kept: shared };
    },
    written(touch) {
      for (const reading of running) reading.outdate(touch);
      for (const question of index.meeting(touch)) drop(question);
      if (dropped.length > 0 && !isClearing) clear();
    },
    stats: () => ({ entries: answers.size, bytes: answers.calculatedSize, ...counts }),
  };
}

function isTrueLater({ unkeepable, outdated, bounds }: Reading, now: number): boolean {
  return unkeepable === null && !outdated && now < bounds().expires;
}

function bound(kept: Kept, now: number): void {
  const { until, expires } = kept.bounds();
  Object.assign(kept, { from: now, expires: Math.min(expires, kept.latest), due: until });
}

function sizeOf({ bytes }: Answer, touches: Kept['touches']): number {
  const keys = touches.reduce((sum, touch) => sum + (touch.keys?.length ?? 0), 0);
  return bytes.length + overhead + touches.length * overheadPerTouch + keys * overheadPerKey;
}
