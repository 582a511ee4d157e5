import type { Cancel, Clock } from '../clock.ts';

/** Milliseconds between two looks that count. */
const turn = 60_000;

/**
 * Tells by timers that ran out, never by the clock's hands, whether time has passed: a clock that is corrected jumps, a timer does not.
 * What is watched is named; a restart begins anew, so that it lengthens a wait and never shortens it.
 */
export interface Watch {
  /** Whether a minute has passed since this was last marked. What was never seen is marked now. */
  hasPassed(name: string): boolean;
  mark(name: string): void;
  /** Whether there is anything to be watched: without, no timer runs. */
  run(needed: boolean): void;
}

export function createWatch(clock: Clock): Watch {
  const marks = new Map<string, number>();
  let turns = 0;
  let cancel: Cancel | null = null;
  const tick = () => {
    turns += 1;
    cancel = clock.after(turn, tick);
  };
  return {
    hasPassed(name) {
      const mark = marks.get(name);
      if (mark === undefined) marks.set(name, turns);
      return mark !== undefined && mark < turns;
    },
    mark: (name) => void marks.set(name, turns),
    run(needed) {
      if (needed) cancel ??= clock.after(turn, tick);
      else {
        cancel?.();
        cancel = null;
        marks.clear();
      }
    },
  };
}
