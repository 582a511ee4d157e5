import { PerformanceObserver } from 'node:perf_hooks';
import { openSchedule } from '../holds.js';

/** Milliseconds. */
export interface Held {
  /** The longest turn: nothing was sent nor read meanwhile. */
  readonly turn: number;
  /** The longest collection of garbage. */
  readonly collected: number;
  /** In all, while the machine ran something else. */
  readonly waited: number;
}

const waited = openSchedule();

/** Watches a loop that never sleeps: what it is late by, the server is not. */
export function watchTurns() {
  let [last, turn, collected] = [performance.now(), 0, 0];
  const before = waited();
  const collect = (entries: readonly { readonly duration: number }[]) => {
    for (const { duration } of entries) collected = Math.max(collected, duration);
  };
  const collecting = new PerformanceObserver((list) => collect(list.getEntries()));
  collecting.observe({ entryTypes: ['gc'] });
  return {
    note(now: number): void {
      turn = Math.max(turn, now - last);
      last = now;
    },
    held(): Held {
      collect(collecting.takeRecords());
      collecting.disconnect();
      return { turn, collected, waited: waited() - before };
    },
  };
}
