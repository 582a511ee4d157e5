import type { Clock } from '../../src/clock.ts';

interface Timer {
  /** By the time that has passed, whatever the clock says. */
  readonly due: number;
  readonly run: () => void;
  readonly sleep: boolean;
}

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves time on, firing every timer on the way in its order and letting I/O settle between two; `between` waits for more of it. */
  advance(milliseconds: number, between?: () => Promise<void>): Promise<void>;
  /** Time passes and nothing is fired on the way: the process was stopped meanwhile. What is due by then is late. */
  jump(milliseconds: number): void;
  /** Sets what the clock says so much ahead, or back, as when it is corrected: timers run on as before, as the machine's do. */
  step(milliseconds: number): void;
  /** Waits for a promise, fast-forwarding through sleeps (never through deadlines) whenever nothing else moves. */
  through<T>(promise: Promise<T>): Promise<T>;
  pending(): number;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Lets sockets on loopback deliver what is on its way. */
async function settle(turns = 20): Promise<void> {
  for (let i = 0; i < turns; i++) await turn();
}

export function createFakeClock(start = Date.parse('2026-04-05T12:00:00Z')): FakeClock {
  let origin = start;
  let passed = 0;
  const timers = new Set<Timer>();

  const schedule = (milliseconds: number, run: () => void, sleep: boolean) => {
    const timer = { due: passed + Math.max(0, milliseconds), run, sleep };
    timers.add(timer);
    return timer;
  };
  const next = (accept: (timer: Timer) => boolean) =>
    [...timers].filter(accept).reduce<Timer | undefined>((a, b) => (a && a.due <= b.due ? a : b), undefined);
  const fire = (timer: Timer) => {
    timers.delete(timer);
    passed = Math.max(passed, timer.due);
    timer.run();
  };

  const clock: FakeClock = {
    now: () => origin + passed,
    after(milliseconds, run) {
      const timer = schedule(milliseconds, run, false);
      return () => void timers.delete(timer);
    },
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const timer = schedule(milliseconds, resolve, true);
        const onAbort = () => {
          timers.delete(timer);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    async advance(milliseconds, between) {
      const end = passed + milliseconds;
      await settle();
      for (let timer = next((t) => t.due <= end); timer; timer = next((t) => t.due <= end)) {
        fire(timer);
        await settle();
        await between?.();
      }
      passed = end;
    },
    jump(milliseconds) {
      passed += milliseconds;
    },
    step(milliseconds) {
      origin += milliseconds;
    },
    async through(promise) {
      let done = false;
      const finish = () => {
        done = true;
      };
      promise.then(finish, finish);
      while (!done) {
        await settle();
        const timer = done ? undefined : next((t) => t.sleep);
        if (timer) await clock.advance(Math.max(0, timer.due - passed));
      }
      return promise;
    },
    pending: () => timers.size,
  };
  return clock;
}
