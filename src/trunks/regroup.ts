import { sql, type Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import { inParts } from '../storage/rows.ts';
import type { Tables, TrunkRow } from '../storage/tables.ts';

const trunksPerStatement = 1_000;

/** A trunk that is now another client's takes its numbers, messages, events and spending along. */
export async function regroup(
  trx: Transaction<Tables>,
  account: AccountId,
  trunks: readonly Pick<TrunkRow, 'trunk_key' | 'client_key'>[],
): Promise<void> {
  const clients = [...new Map(trunks.map((trunk) => [trunk.trunk_key, trunk.client_key]))];
  for (const some of inParts(clients, trunksPerStatement)) {
    const values = some.map((pair) => sql`(${sql.join(pair)})`);
    for (const name of ['numbers', 'transactions', 'messages', 'events', 'trimmed_statuses'] as const) {
      const table = sql.table(name);
      await sql`
        with moved (trunk_key, client_key) as (values ${sql.join(values)})
        update ${table} set client_key = moved.client_key from moved
        where ${table}.account = ${account} and ${table}.trunk_key = moved.trunk_key`.execute(trx);
    }
  }
}
