import { sql, type Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import type { Tables, TrunkRow } from '../storage/tables.ts';

/** Two rows turned out to be one trunk: everything that pointed at `from` points at `to`, and `from` is gone. */
export async function mergeTrunks(
  trx: Transaction<Tables>,
  account: AccountId,
  from: TrunkRow,
  to: TrunkRow,
): Promise<void> {
  await trx.deleteFrom('trunks').where('account', '=', account).where('trunk_key', '=', from.trunk_key).execute();
  await dropOlderStatus(trx, account, [from.trunk_key, to.trunk_key]);
  for (const table of ['numbers', 'transactions', 'messages', 'events', 'trimmed_statuses'] as const) {
    await sql`update ${sql.table(table)} set trunk_key = ${to.trunk_key}, client_key = ${to.client_key}
      where account = ${account} and trunk_key = ${from.trunk_key}`.execute(trx);
  }
  const days = await trx
    .deleteFrom('spending_days')
    .where('account', '=', account)
    .where('trunk_key', '=', from.trunk_key)
    .returningAll()
    .execute();
  for (const day of days) {
    await trx
      .insertInto('spending_days')
      .values({ ...day, trunk_key: to.trunk_key })
      .onConflict((conflict) =>
        conflict.columns(['account', 'trunk_key', 'day', 'currency']).doUpdateSet((eb) => ({
          spent_e8: sql<number>`${eb.ref('spending_days.spent_e8')} + ${eb.ref('excluded.spent_e8')}`,
          count: sql<number>`${eb.ref('spending_days.count')} + ${eb.ref('excluded.count')}`,
        })),
      )
      .execute();
  }
}

/** Each of the two may have one of its own from before the log, and one trunk has one. */
async function dropOlderStatus(
  trx: Transaction<Tables>,
  account: AccountId,
  trunkKeys: readonly string[],
): Promise<void> {
  const found = await trx
    .selectFrom('trimmed_statuses')
    .select(['trunk_key', 'seq'])
    .where('account', '=', account)
    .where('trunk_key', 'in', trunkKeys)
    .orderBy('seq')
    .execute();
  const [older, newer] = found;
  if (older === undefined || newer === undefined) return;
  await trx
    .deleteFrom('trimmed_statuses')
    .where('account', '=', account)
    .where('trunk_key', '=', older.trunk_key)
    .execute();
}
