/** Stops a timer that has not fired. Calling it again does nothing. */
export type Cancel = () => void;

/**
 * Time, passed in everywhere so that tests own it. All times are epoch milliseconds, all spans milliseconds.
 * `after` is for deadlines and periodic work; `sleep` is for waiting between two attempts and rejects with the signal's reason.
 */
export interface Clock {
  now(): number;
  after(milliseconds: number, run: () => void): Cancel;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Does work at once and so long after each time that it ended. What it gives stops it, and waits for the work under way. */
export function repeat(clock: Clock, milliseconds: number, work: () => Promise<void>): () => Promise<void> {
  let cancel: Cancel = () => undefined;
  let stopped = false;
  let under = Promise.resolve();
  const again = () => {
    under = work().finally(() => {
      if (!stopped) cancel = clock.after(milliseconds, again);
    });
  };
  again();
  return () => {
    stopped = true;
    cancel();
    return under;
  };
}

/** What lies beyond it, `setTimeout` runs at once. */
const longestTimer = 2 ** 31 - 1;

/** The machine's own time. Its timers do not keep the process alive, its sleeps do. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, run) => startTimer(milliseconds, run, (timer) => timer.unref()),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const onAbort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = startTimer(milliseconds, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};

function startTimer(
  milliseconds: number,
  run: () => void,
  started: (timer: NodeJS.Timeout) => void = () => {},
): Cancel {
  let timer: NodeJS.Timeout;
  const wait = (left: number) => {
    const span = Math.min(left, longestTimer);
    timer = setTimeout(() => (left > span ? wait(left - span) : run()), span);
    started(timer);
  };
  wait(Math.max(0, milliseconds));
  return () => clearTimeout(timer);
}
