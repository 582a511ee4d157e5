import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import type { Storage } from '../storage/database.ts';
import type { Tables } from '../storage/tables.ts';
import { expireTrunks, refreshTrunks } from '../trunks/refresh.ts';
import { headResource, readMirror } from '../wallet/mirror-state.ts';
import { refreshTransactions } from '../wallet/refresh.ts';
import { walletPolicy } from '../wallet/wallet.ts';
import type { Source } from './evidence.ts';

/** How long a look may take, in milliseconds. */
const allowance = 30_000;

const resources: Readonly<Record<Source, string>> = { transactions: headResource, trunks: 'trunks' };

/** Reads a listing anew. Where DIDfarm does not answer, {@link lookedAt} stays what it was. */
export async function look(account: Account, source: Source, signal: AbortSignal): Promise<void> {
  const reader = { deadline: account.clock.now() + allowance, signal };
  try {
    if (source === 'trunks') {
      await expireTrunks(account);
      await refreshTrunks(account, reader);
    } else {
      await account.snapshots.expire(account.id, { ...walletPolicy, resource: headResource }, '');
      await refreshTransactions(account, reader);
      // After them, so that it holds whatever they show: money that is missing then is shown nowhere.
      await lookAtBalance(account, reader);
    }
  } catch (error) {
    account.log.debug({ err: error, source }, 'What became of an operation could not be looked up');
  }
}

async function lookAtBalance(account: Account, reader: { deadline: number; signal: AbortSignal }): Promise<void> {
  const asOf = account.clock.now();
  const onSent = () => undefined;
  const balance = await account.didfarm.readBalance({ priority: 'act', onSent, ...reader });
  await account.snapshots.write(account.id, walletPolicy, '', balance, asOf);
}

/** The moment for which a listing was last read (epoch milliseconds), whether or not it left something out. */
export async function lookedAt(db: Storage['db'], account: Account, source: Source): Promise<number> {
  return (await lastLook(db, account, source))?.as_of ?? Number.NEGATIVE_INFINITY;
}

/** The same for a listing that left nothing out since the holes that were known before. */
export async function saw(trx: Transaction<Tables>, account: Account, source: Source, known: unknown): Promise<number> {
  const row = await lastLook(trx, account, source);
  const whole = source === 'trunks' ? row?.complete === 1 : await isWhole(trx, account, known);
  return whole ? (row?.as_of ?? Number.NEGATIVE_INFINITY) : Number.NEGATIVE_INFINITY;
}

function lastLook(db: Storage['db'], account: Account, source: Source) {
  return db
    .selectFrom('snapshots')
    .select(['as_of', 'complete'])
    .where('account', '=', account.id)
    .where('resource', '=', resources[source])
    .executeTakeFirst();
}

/** Older holes are filled or still there; only one that is new may hide what came since. */
async function isWhole(trx: Transaction<Tables>, account: Account, known: unknown): Promise<boolean> {
  const before = typeof known === 'object' && known !== null && 'holes' in known ? known.holes : [];
  const holes = (await readMirror(trx, account.id))?.holes ?? [];
  return holes.every((hole) => Array.isArray(before) && before.includes(hole.until));
}
