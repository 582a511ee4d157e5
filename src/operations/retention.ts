import type { Account } from '../account.ts';
import type { Cancel } from '../clock.ts';
import { forgetEnded } from './store.ts';

const day = 86_400_000;
const lookEvery = 3_600_000;

/** Forgets operations that ended so many days ago: now, and from time to time until it is cancelled. */
export function startForgetting(account: Account, days: number): Cancel {
  const { storage, clock, log, id } = account;
  let cancel: Cancel = () => undefined;
  const forget = () => {
    cancel = clock.after(lookEvery, forget);
    storage
      .transaction((trx) => forgetEnded(trx, id, clock.now() - days * day))
      .catch((error: unknown) => log.warn({ err: error }, 'Operations of long ago could not be removed'));
  };
  forget();
  return () => cancel();
}
