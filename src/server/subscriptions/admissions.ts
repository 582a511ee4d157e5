import type { Cancel, Clock } from '../../clock.ts';
import type { Logger } from '../log.ts';
import type { Admission } from './live-options.ts';

/** How often it is asked whether a subscription may go on, in milliseconds. */
export const admissionInterval = 30_000;

/** Asks for every subscription, again and again, whether its viewer is still let in. */
export interface Admissions {
  /** @param refused called once where the viewer is not. @returns stops asking. */
  watch(admission: Admission, refused: () => void): Cancel;
  /** Asks at once: who is let in may have changed. */
  ask(): void;
}

/** One timer for all, and none where nobody subscribes. */
export function createAdmissions(clock: Clock, log: Logger): Admissions {
  const watched = new Map<() => void, Admission>();
  let cancel: Cancel | null = null;

  const sweep = () => {
    // Subscriptions of one viewer may share their question: it is asked once.
    for (const admission of new Set(watched.values()))
      void isLetIn(admission, log).then((is) => is || refuse(admission));
  };
  const refuse = (admission: Admission) => {
    for (const [refused, each] of [...watched]) if (each === admission && watched.delete(refused)) refused();
  };
  const schedule = () => {
    cancel = clock.after(admissionInterval, () => {
      schedule();
      sweep();
    });
  };
  return {
    watch(admission, refused) {
      watched.set(refused, admission);
      if (cancel === null) schedule();
      return () => {
        watched.delete(refused);
        if (watched.size > 0) return;
        cancel?.();
        cancel = null;
      };
    },
    ask: sweep,
  };
}

/** Who cannot be asked about is not sent away for it. */
async function isLetIn(admission: Admission, log: Logger): Promise<boolean> {
  try {
    return await admission();
  } catch (error) {
    log.warn({ err: error }, 'Could not check whether a subscription may go on');
    return true;
  }
}
