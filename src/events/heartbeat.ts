import type { Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import { repeat } from '../clock.ts';
import type { Tables } from '../storage/tables.ts';
import type { Keeper } from './retention.ts';

interface Heart extends Keeper {
  /** Has the readers of the account's log look again. */
  readonly wake: () => void;
}

const beatEvery = 60_000;
/** DIDfarm drops what it could not deliver for so long (Connect guide, "What happens if my webhook endpoint is down?"). Milliseconds. */
const repeatedFor = 24 * 3_600_000;

/**
 * Notes that the gateway is running, now and once a minute, until what it gives is called. With each beat the readers of the log look
 * again: nothing else may tell them of a commit whose answer was lost on its way.
 */
export function startHeartbeat({ account, storage, clock, log, wake }: Heart): () => Promise<void> {
  return repeat(clock, beatEvery, () =>
    storage
      .transaction((trx) => beat(trx, account, clock.now()))
      .then(wake)
      .catch((error: unknown) => log.warn({ err: error }, 'That the gateway is running could not be noted')),
  );
}

/** After so long a time without, the webhooks of its beginning are lost, and what happened in it is not known. */
export async function beat(trx: Transaction<Tables>, account: AccountId, now: number): Promise<void> {
  const last = await trx.selectFrom('heartbeats').select('alive_at').where('account', '=', account).executeTakeFirst();
  // Noted by a clock that was ahead and is put back: there was no such time.
  await trx.deleteFrom('blind_stretches').where('account', '=', account).where('ends', '>', now).execute();
  if (last !== undefined) await noteBlind(trx, account, last.alive_at, now - repeatedFor);
  await trx
    .insertInto('heartbeats')
    .values({ account, alive_at: now })
    .onConflict((conflict) => conflict.column('account').doUpdateSet({ alive_at: now }))
    .execute();
}

/** Behind those before it, so that no moment is counted twice. */
async function noteBlind(trx: Transaction<Tables>, account: AccountId, since: number, ends: number): Promise<void> {
  const latest = await trx
    .selectFrom('blind_stretches')
    .select((eb) => eb.fn.max('ends').as('ends'))
    .where('account', '=', account)
    .executeTakeFirst();
  const begins = Math.max(since, latest?.ends ?? since);
  if (begins < ends) await trx.insertInto('blind_stretches').values({ account, begins, ends }).execute();
}
