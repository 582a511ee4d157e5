import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import { clockTolerance } from '../../operations/evidence.ts';
import type { Storage } from '../../storage/database.ts';
import type { Tables, TransactionRow } from '../../storage/tables.ts';
import { readMirror } from '../../wallet/mirror-state.ts';

type Db = Storage['db'] | Transaction<Tables>;

/** DIDfarm books what it does while it does it: what it dates so long after a call was sent is not of that call. Milliseconds. */
export const bookedWithin = 2 * clockTolerance;

/** What was booked from a moment on, and whatever DIDfarm gave no date: newest first. */
function rowsSince(db: Db, account: Account, since: number) {
  return db
    .selectFrom('transactions')
    .where('account', '=', account.id)
    .where((eb) => eb.or([eb('sort_at', '>=', since), eb('sort_at', '=', 0)]))
    .orderBy('sort_at', 'desc')
    .orderBy('transaction_id', 'desc');
}

/** The debits that were there before a call is sent, so that none of them is taken for its trace. */
export async function debitsBefore(account: Account): Promise<string[]> {
  const since = account.clock.now() - 2 * clockTolerance;
  const rows = await rowsSince(account.storage.db, account, since)
    .where('amount_e8', '<', 0)
    .select('transaction_id')
    .execute();
  return rows.map((row) => row.transaction_id);
}

/** What the holes of the mirror of transactions reach down to, before a call is sent: only a new one may hide its trace. */
export async function holesBefore(account: Account): Promise<(string | null)[]> {
  const mirror = await readMirror(account.storage.db, account.id);
  return mirror?.holes.map(({ until }) => until) ?? [];
}

/** The debits that were not there before the call was sent: every one of them may be its trace until something else explains it. */
export async function debitsSince(
  trx: Transaction<Tables>,
  account: Account,
  sentAt: number,
  before: readonly string[],
): Promise<TransactionRow[]> {
  const known = new Set(before);
  const rows = await rowsSince(trx, account, sentAt - clockTolerance)
    .where('amount_e8', '<', 0)
    .where('sort_at', '<=', sentAt + bookedWithin)
    .selectAll()
    .execute();
  return rows.filter((row) => !known.has(row.transaction_id));
}

/** Every transaction, of either sign, that was booked from a moment on, but for those. */
export async function bookedSince(
  trx: Transaction<Tables>,
  account: Account,
  since: number,
  but: readonly string[],
): Promise<TransactionRow[]> {
  const known = new Set(but);
  const rows = await rowsSince(trx, account, since).selectAll().execute();
  return rows.filter((row) => !known.has(row.transaction_id));
}

/** The ids of all that was booked from a moment on. */
export async function idsSince(account: Account, since: number): Promise<string[]> {
  const rows = await rowsSince(account.storage.db, account, since).select('transaction_id').execute();
  return rows.map((row) => row.transaction_id);
}
