import type { FakeClock } from '../../support/clock.ts';

/** A system clock that is set forward or back while the machine's timers run on as before. */
export interface SteppedClock extends FakeClock {
  step(milliseconds: number): void;
}

export function createSteppedClock(time: FakeClock): SteppedClock {
  let offset = 0;
  return {
    ...time,
    now: () => time.now() + offset,
    step: (milliseconds) => {
      offset += milliseconds;
    },
  };
}
