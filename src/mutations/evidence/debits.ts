import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import { clockTolerance } from '../../operations/evidence.ts';
import type { Storage } from '../../storage/database.ts';
import type { Tables, TransactionRow } from '../../storage/tables.ts';

type Db = Storage['db'] | Transaction<Tables>;

/** What left the wallet around a moment, and whatever DIDfarm gave no date: newest first. */
function debitsAround(db: Db, account: Account, since: number) {
  return db
    .selectFrom('transactions')
    .where('account', '=', account.id)
    .where('amount_e8', '<', 0)
    .where((eb) => eb.or([eb('sort_at', '>=', since), eb('sort_at', '=', 0)]))
    .orderBy('sort_at', 'desc');
}

/** The debits that were there before a call is sent, so that none of them is taken for its trace. */
export async function debitsBefore(account: Account): Promise<string[]> {
  const since = account.clock.now() - 2 * clockTolerance;
  const rows = await debitsAround(account.storage.db, account, since).select('transaction_id').execute();
  return rows.map((row) => row.transaction_id);
}

/** The debits that were not there before the call was sent: every one of them may be its trace until something else explains it. */
export async function debitsSince(
  trx: Transaction<Tables>,
  account: Account,
  sentAt: number,
  before: readonly string[],
): Promise<TransactionRow[]> {
  const known = new Set(before);
  const rows = await debitsAround(trx, account, sentAt - clockTolerance)
    .selectAll()
    .execute();
  return rows.filter((row) => !known.has(row.transaction_id));
}
