/** Stops a timer that has not fired. */
export type Cancel = () => void;

/** The part of a clock that the sandbox needs: epoch milliseconds and timers. Any clock with these two fits. */
export interface SandboxClock {
  now(): number;
  after(milliseconds: number, run: () => void): Cancel;
}

/** A clock that runs with real time and can be moved ahead; timers on the way fire in their order, at their own time. */
export interface DrivenClock extends SandboxClock {
  advance(milliseconds: number): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** setTimeout fires at once for waits above 2^31 ms, so longer ones are waited for in pieces. */
const longestWait = 20 * 86_400_000;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Lets what a timer started (a webhook on loopback, say) reach its destination before time moves on. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await turn();
}

/** Creates the sandbox's own clock, starting at `startAt` (epoch ms). */
export function createDrivenClock(startAt: number): DrivenClock {
  const realStart = Date.now();
  let ahead = 0;
  let held: number | undefined;
  const timers = new Set<Timer>();
  let moving = Promise.resolve();
  let wake: NodeJS.Timeout | undefined;

  const now = () => held ?? startAt + (Date.now() - realStart) + ahead;
  const earliest = () => timers.values().reduce<Timer | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);

  const fireDue = (limit: number): boolean => {
    const timer = earliest();
    if (!timer || timer.at > limit) return false;
    timers.delete(timer);
    timer.run();
    return true;
  };
  const arm = () => {
    clearTimeout(wake);
    const timer = earliest();
    if (!timer || held !== undefined) return;
    wake = setTimeout(onWake, Math.min(longestWait, Math.max(0, timer.at - now()))).unref();
  };
  const onWake = () => {
    while (fireDue(now()));
    arm();
  };

  return {
    now,
    after(milliseconds, run) {
      const timer = { at: now() + Math.max(0, milliseconds), run };
      timers.add(timer);
      arm();
      return () => void timers.delete(timer);
    },
    advance(milliseconds) {
      const moved = moving.then(() => move(milliseconds));
      moving = moved.catch(() => {});
      return moved;
    },
  };

  async function move(milliseconds: number): Promise<void> {
    const end = now() + milliseconds;
    try {
      for (let timer = earliest(); timer && timer.at <= end; timer = earliest()) {
        held = Math.max(now(), timer.at);
        fireDue(held);
        await settle();
      }
    } finally {
      held = undefined;
      ahead += Math.max(0, end - now());
      arm();
    }
  }
}

/** Runs something at a time (epoch ms), however far away: waits in pieces that every timer can hold. */
export function at(clock: SandboxClock, time: number, run: () => void): Cancel {
  let cancel: Cancel;
  const wait = () => {
    const left = time - clock.now();
    cancel = left > longestWait ? clock.after(longestWait, wait) : clock.after(left, run);
  };
  wait();
  return () => cancel();
}
