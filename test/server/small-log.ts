import type { Place } from '../../src/graph/place.ts';

/** A log of nothing but numbers from 1, followed as the gateway's own is. */
export interface SmallLog {
  append(): void;
  /** Whoever follows or waits fails with it, until null mends it. */
  fail(error: Error | null): void;
  newest(): number;
  /** Those that wait for it to grow. */
  waiting(): number;
  follow(after: number, place: Place, signal: AbortSignal): AsyncGenerator<number, void, undefined>;
}

export function createSmallLog(): SmallLog {
  let newest = 0;
  let failure: Error | null = null;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const each of waiting) each();
  };
  const grown = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const woken = () => {
        waiting.delete(woken);
        signal.removeEventListener('abort', woken);
        resolve();
      };
      waiting.add(woken);
      signal.addEventListener('abort', woken);
    });
  return {
    append() {
      newest += 1;
      wake();
    },
    fail(error) {
      failure = error;
      wake();
    },
    newest: () => newest,
    waiting: () => waiting.size,
    async *follow(after, place, signal) {
      let position = after;
      place.seq = position;
      while (!signal.aborted) {
        if (failure !== null) throw failure;
        if (position < newest) {
          position += 1;
          place.seq = position;
          yield position;
        } else if (place.atEnd === 'leave') return;
        else await grown(signal);
      }
    },
  };
}
