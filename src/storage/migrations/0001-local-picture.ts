import { type ColumnDataType, type CreateTableBuilder, type Kysely, type RawBuilder, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../engine.ts';

type Column = 'text' | 'text?' | 'integer' | 'integer?' | 'flag' | 'flag?';

interface Table {
  readonly columns: Readonly<Record<string, Column>>;
  readonly primaryKey: readonly string[];
  readonly unique?: readonly (readonly string[])[];
  readonly indexes?: readonly (readonly string[])[];
}

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
      for (const [name, table] of Object.entries(tables)) {
        await createTable(db, engine, name, table);
        for (const columns of table.unique ?? []) await createIndex(db, name, columns, true);
        for (const columns of table.indexes ?? []) await createIndex(db, name, columns, false);
      }
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

async function createTable(db: Kysely<unknown>, engine: Engine, name: string, table: Table): Promise<void> {
  let builder: CreateTableBuilder<string, string> = db.schema.createTable(name);
  for (const [column, kind] of Object.entries(table.columns)) {
    builder = builder.addColumn(column, columnType(engine, kind), (c) => (kind.endsWith('?') ? c : c.notNull()));
  }
  builder = builder.addPrimaryKeyConstraint(`${name}_key`, [...table.primaryKey]);
  // Strict, so that a wrong type fails on SQLite as it does on PostgreSQL; the rows lie in the order of their key.
  await (engine === 'sqlite' ? builder.modifyEnd(sql`strict, without rowid`) : builder).execute();
}

/** Text is compared by its bytes on both engines, so that a cursor means the same page on both. */
function columnType(engine: Engine, kind: Column): ColumnDataType | RawBuilder<unknown> {
  if (kind.startsWith('text')) return engine === 'postgres' ? sql`text collate "C"` : 'text';
  return engine === 'postgres' && kind.startsWith('integer') ? 'bigint' : 'integer';
}

async function createIndex(
  db: Kysely<unknown>,
  table: string,
  columns: readonly string[],
  unique: boolean,
): Promise<void> {
  const index = db.schema
    .createIndex(`${table}_by_${columns.slice(1).join('_')}`)
    .on(table)
    .columns([...columns]);
  await (unique ? index.unique() : index).execute();
}
