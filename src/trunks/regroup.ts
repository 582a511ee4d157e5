import { sql, type Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import type { Tables, TrunkRow } from '../storage/tables.ts';

/** SQLite takes 32,766 values in a statement. */
const trunksPerStatement = 1_000;

/** A trunk that is now another client's takes its numbers, messages, events and spending along. */
export async function regroup(
  trx: Transaction<Tables>,
  account: AccountId,
  trunks: readonly Pick<TrunkRow, 'trunk_key' | 'client_key'>[],
): Promise<void> {
  const clients = [...new Map(trunks.map((trunk) => [trunk.trunk_key, trunk.client_key]))];
  for (let start = 0; start < clients.length; start += trunksPerStatement) {
    const values = clients.slice(start, start + trunksPerStatement).map((pair) => sql`(${sql.join(pair)})`);
    for (const name of ['numbers', 'transactions', 'messages', 'events', 'trimmed_statuses'] as const) {
      const table = sql.table(name);
      await sql`
        with moved (trunk_key, client_key) as (values ${sql.join(values)})
        update ${table} set client_key = moved.client_key from moved
        where ${table}.account = ${account} and ${table}.trunk_key = moved.trunk_key`.execute(trx);
    }
  }
}
