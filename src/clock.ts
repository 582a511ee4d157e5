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

/** The machine's own time. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, Math.max(0, milliseconds)).unref();
    return () => clearTimeout(timer);
  },
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        Math.max(0, milliseconds),
      );
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};
