import { openSync, readSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

/** The loop is looked at so often, in milliseconds; a hold is what a look is late by, which is never more than it was. */
const every = 5;
/** Holds up to here are not remembered one by one. */
const limit = 20;

/** @typedef {import('node:perf_hooks').PerformanceEntry & { readonly detail: { readonly kind: number } }} Collection */

/** Watches the event loop of this process: for how long nothing else could run, and what held it. */
export function watchHolds() {
  /** @type {{ at: number, until: number, wall: number, hold: number, processor: number }[]} */
  let holds = [];
  /** @type {Collection[]} */
  let collections = [];
  let longest = { hold: 0, wall: 0 };
  const collecting = new PerformanceObserver((list) => {
    collections.push(.../** @type {Collection[]} */ (list.getEntries()));
  });
  collecting.observe({ entryTypes: ['gc'] });
  const waited = openSchedule();

  const look = () => ({ at: performance.now(), waited: waited(), ...processorTime() });
  let last = look();
  const looking = setInterval(() => {
    const now = look();
    const wall = now.at - last.at - every;
    if (wall > 0) {
      // What the machine gave to others is theirs, unless it was to this process' other threads, on the same core.
      const away = Math.max(0, now.waited - last.waited - (now.others - last.others));
      const hold = Math.max(0, wall - away);
      longest = { hold: Math.max(longest.hold, hold), wall: Math.max(longest.wall, wall) };
      if (wall > limit)
        holds.push({ at: last.at, until: now.at, wall, hold, processor: now.processor - last.processor });
    }
    last = now;
  }, every).unref();

  return {
    /** What was seen since the last time, in milliseconds, without and with the time in which the machine ran something else. Collections are told a moment after they were, and are waited for. */
    async seen() {
      await later(5);
      const seen = {
        ...longest,
        collected: longestOf(collections),
        holds: holds.map(({ at, until, ...hold }) => {
          const within = collections.filter(
            ({ startTime, duration }) => startTime < until && startTime + duration > at,
          );
          return {
            at,
            ...hold,
            collecting: within.reduce((sum, { duration }) => sum + duration, 0),
            longest: longestOf(within),
            kinds: [...new Set(within.map(({ detail }) => detail.kind))],
          };
        }),
      };
      holds = [];
      collections = [];
      longest = { hold: 0, wall: 0 };
      return seen;
    },
    /** What happened until now is nobody's. */
    async forget() {
      await later(10);
      await this.seen();
    },
    stop() {
      clearInterval(looking);
      collecting.disconnect();
    },
  };
}

/** @param {number} milliseconds */
const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @param {readonly Collection[]} collections */
const longestOf = (collections) => collections.reduce((most, { duration }) => Math.max(most, duration), 0);

/** Milliseconds: of this thread, and of those that collect garbage and compile for it. */
function processorTime() {
  const [own, all] = [process.threadCpuUsage(), process.cpuUsage()];
  const processor = (own.user + own.system) / 1000;
  return { processor, others: (all.user + all.system) / 1000 - processor };
}

/** Tells for how many milliseconds this thread could have run but something else did; always 0 where the system does not tell. */
export function openSchedule() {
  try {
    const schedule = openSync('/proc/thread-self/schedstat', 'r');
    const text = Buffer.alloc(64);
    return () => {
      const [, delay] = text.toString('latin1', 0, readSync(schedule, text, 0, text.length, 0)).split(' ');
      return Number(delay) / 1e6;
    };
  } catch {
    return () => 0;
  }
}
