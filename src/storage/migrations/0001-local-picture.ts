import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../engine.ts';
import { createTables, type Table } from './create-tables.ts';

const byAccount = (...indexes: string[][]) => indexes.map((columns) => ['account', ...columns]);
const newestFirst = (...prefixes: string[][]) =>
  byAccount(...prefixes.map((prefix) => [...prefix, 'sort_at', 'transaction_id']));

/** As `tables.ts` describes them. */
const tables: Readonly<Record<string, Table>> = {
  settings: { columns: { name: 'text', value: 'text' }, primaryKey: ['name'] },
  snapshots: {
    columns: {
      account: 'text',
      resource: 'text',
      body: 'text?',
      as_of: 'integer?',
      due: 'flag',
      complete: 'flag',
      row_count: 'integer',
      error: 'text?',
    },
    primaryKey: ['account', 'resource'],
  },
  trunks: {
    columns: {
      account: 'text',
      trunk_key: 'text',
      uuid: 'text?',
      sip_trunk_id: 'integer?',
      name: 'text',
      sip_server: 'text?',
      username: 'text?',
      auth_type: 'text?',
      status: 'text',
      raw_status: 'text?',
      status_since: 'integer?',
      client_key: 'text',
      client_name: 'text',
      client_override: 'text?',
      first_seen: 'integer',
    },
    primaryKey: ['account', 'trunk_key'],
    unique: byAccount(['uuid'], ['sip_trunk_id']),
    indexes: byAccount(['client_key', 'trunk_key']),
  },
  numbers: {
    columns: {
      account: 'text',
      e164: 'text',
      did_number_id: 'integer?',
      country: 'text?',
      type: 'text',
      raw_type: 'text?',
      city: 'text?',
      status: 'text',
      status_since: 'integer?',
      regulatory_status: 'text',
      regulatory_since: 'integer?',
      sms_enabled: 'flag?',
      monthly_rate: 'text?',
      setup_fee: 'text?',
      trunk_key: 'text?',
      client_key: 'text?',
      order_id: 'integer?',
      trunk_since: 'integer?',
    },
    primaryKey: ['account', 'e164'],
    indexes: byAccount(
      ['did_number_id'],
      ['trunk_key', 'e164'],
      ['client_key', 'e164'],
      ['order_id'],
      ['status', 'e164'],
      ['country', 'e164'],
    ),
  },
  orders: {
    columns: {
      account: 'text',
      order_id: 'integer',
      placed_at: 'integer',
      total: 'text?',
      requires_regulatory: 'flag',
    },
    primaryKey: ['account', 'order_id'],
    indexes: byAccount(['placed_at', 'order_id']),
  },
  order_items: {
    columns: {
      account: 'text',
      order_id: 'integer',
      e164: 'text',
      did_number_id: 'integer?',
      monthly_rate: 'text?',
      setup_fee: 'text?',
    },
    primaryKey: ['account', 'order_id', 'e164'],
  },
  transactions: {
    columns: {
      account: 'text',
      transaction_id: 'text',
      amount: 'text',
      amount_e8: 'integer',
      currency: 'text',
      kind: 'text?',
      description: 'text?',
      created_at: 'integer?',
      sort_at: 'integer',
      reference_type: 'text',
      raw_reference_type: 'text?',
      reference_id: 'text?',
      e164: 'text?',
      order_id: 'integer?',
      trunk_key: 'text?',
      client_key: 'text?',
    },
    primaryKey: ['account', 'transaction_id'],
    indexes: [
      ...newestFirst([], ['client_key'], ['trunk_key'], ['e164'], ['order_id'], ['reference_type']),
      ...byAccount(['reference_type', 'reference_id']),
    ],
  },
  spending_days: {
    columns: {
      account: 'text',
      trunk_key: 'text',
      day: 'text',
      currency: 'text',
      spent_e8: 'integer',
      count: 'integer',
    },
    primaryKey: ['account', 'trunk_key', 'day', 'currency'],
    indexes: byAccount(['day']),
  },
  messages: {
    columns: {
      account: 'text',
      message_id: 'text',
      direction: 'text',
      sender: 'text',
      recipient: 'text',
      body: 'text',
      status: 'text',
      raw_status: 'text?',
      segments: 'integer?',
      cost: 'text?',
      currency: 'text?',
      at: 'integer',
      e164: 'text?',
      trunk_key: 'text?',
      client_key: 'text?',
    },
    primaryKey: ['account', 'message_id'],
    indexes: byAccount(['at', 'message_id'], ['e164', 'at', 'message_id'], ['client_key', 'at', 'message_id']),
  },
  events: {
    columns: {
      account: 'text',
      seq: 'integer',
      digest: 'text',
      type: 'text',
      name: 'text',
      source: 'text',
      at: 'integer',
      received_at: 'integer',
      e164: 'text?',
      trunk_key: 'text?',
      client_key: 'text?',
      order_id: 'integer?',
      message_id: 'text?',
      data: 'text',
      applied: 'flag',
    },
    primaryKey: ['account', 'seq'],
    unique: byAccount(['digest']),
    indexes: byAccount(['e164', 'seq'], ['trunk_key', 'seq'], ['client_key', 'seq'], ['type', 'seq'], ['received_at']),
  },
};

/** All tables of the local picture. */
export function localPicture(engine: Engine): Migration {
  return {
    async up(db) {
      if (engine === 'postgres') await defineFoldCase(db);
      await createTables(db, engine, tables);
    },
  };
}

/** Lower case in any script, as SQLite's function of the same name does it; without ICU, as the database's own locale does. */
async function defineFoldCase(db: Kysely<unknown>): Promise<void> {
  const icu = await sql`select 1 from pg_collation where collname = 'und-x-icu'`.execute(db);
  const lower = icu.rows.length > 0 ? sql`lower($1 collate "und-x-icu")` : sql`lower($1 collate "default")`;
  await sql`create or replace function fold_case(text) returns text language sql immutable as $fold$ select ${lower} $fold$`.execute(
    db,
  );
}
