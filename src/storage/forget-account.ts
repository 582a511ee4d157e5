import { sql } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import type { Storage } from './database.ts';
import type { Tables } from './tables.ts';

/** Every table that is keyed by account: one that is missing here does not compile. */
const keyed: Readonly<Record<Exclude<keyof Tables, 'settings'>, true>> = {
  snapshots: true,
  trunks: true,
  numbers: true,
  orders: true,
  order_items: true,
  transactions: true,
  spending_days: true,
  messages: true,
  events: true,
  trimmed_statuses: true,
  trimmed_digests: true,
  heartbeats: true,
  blind_stretches: true,
  operations: true,
  operation_steps: true,
};

/**
 * Removes all that is stored of an account that nobody works on. A table at a time, so that others wait for one of them at most; its
 * settings, which are named after it (`… of ACCOUNT`), are the last, so that what was broken off is found again.
 */
export async function forgetAccount({ db }: Storage, account: AccountId): Promise<void> {
  for (const name of Object.keys(keyed))
    await sql`delete from ${sql.table(name)} where account = ${account}`.execute(db);
  const named = `% of ${account.replaceAll('_', '\\_')}`;
  await sql`delete from settings where name like ${named} escape '\\'`.execute(db);
}
