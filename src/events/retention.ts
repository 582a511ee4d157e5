import { setImmediate } from 'node:timers/promises';
import type { AccountId } from '../access/viewer.ts';
import { type Clock, repeat } from '../clock.ts';
import type { Storage } from '../storage/database.ts';
import { trimDigests, trimStretch } from './trim.ts';

/** How long the log keeps events, and how many at most. */
export interface Retention {
  readonly days: number;
  readonly count: number;
}

/** What works on an account's log in the background. */
export interface Keeper {
  readonly account: AccountId;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: { warn(fields: object, message: string): void };
}

const day = 86_400_000;
const lookEvery = 10 * 60_000;
/** DIDfarm repeats for a day; a delivery is told from a repeated one for longer. Milliseconds. */
const digestsFor = 7 * day;

/** Trims the log now and from time to time, until what it gives is called, which waits for the stretch under way. */
export function startTrimming(keeper: Keeper, retention: Retention): () => Promise<void> {
  const { clock, log } = keeper;
  let stopped = false;
  const stop = repeat(clock, lookEvery, () =>
    trim(keeper, retention, () => stopped).catch((error: unknown) =>
      log.warn({ err: error }, 'Events of long ago could not be removed'),
    ),
  );
  return () => {
    stopped = true;
    return stop();
  };
}

/** In stretches; between two of them whatever else waits comes first. */
async function trim(
  { account, storage, clock }: Keeper,
  { days, count }: Retention,
  stopped: () => boolean,
): Promise<void> {
  const now = clock.now();
  const digestsSince = now - digestsFor;
  const kept = { since: now - days * day, count, digestsSince };
  const stretches = [
    () => storage.transaction((trx) => trimStretch(trx, account, kept)),
    () => storage.transaction((trx) => trimDigests(trx, account, digestsSince)),
  ];
  for (const trimOne of stretches) {
    while (!stopped() && (await trimOne())) await setImmediate();
  }
}
