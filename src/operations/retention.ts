import type { Account } from '../account.ts';
import type { Cancel } from '../clock.ts';
import { forgetEnded } from './store.ts';

/** How long a key is remembered after its operation has ended, in milliseconds. */
export const keptFor = 30 * 86_400_000;
const lookEvery = 3_600_000;

/** Forgets ended operations that are older than `kept`: now, and from time to time until it is cancelled. */
export function startForgetting(account: Account, kept = keptFor): Cancel {
  const { storage, clock, log, id } = account;
  let cancel: Cancel = () => undefined;
  const forget = () => {
    cancel = clock.after(lookEvery, forget);
    storage
      .transaction((trx) => forgetEnded(trx, id, clock.now() - kept))
      .catch((error: unknown) => log.warn({ err: error }, 'Operations of long ago could not be removed'));
  };
  forget();
  return () => cancel();
}
