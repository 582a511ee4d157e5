import { sql, type Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import type { Tables, TrunkRow } from '../storage/tables.ts';

/** A trunk that is now another client's takes its numbers, messages, events and spending along. */
export async function regroup(
  trx: Transaction<Tables>,
  account: AccountId,
  trunks: readonly Pick<TrunkRow, 'trunk_key' | 'client_key'>[],
): Promise<void> {
  for (const trunk of trunks) {
    for (const table of ['numbers', 'transactions', 'messages', 'events', 'trimmed_statuses'] as const) {
      await sql`update ${sql.table(table)} set client_key = ${trunk.client_key}
        where account = ${account} and trunk_key = ${trunk.trunk_key}`.execute(trx);
    }
  }
}
