import type { Migration } from 'kysely/migration';
import type { Engine } from '../engine.ts';
import { columnType, createTables, type Table } from './create-tables.ts';

/** As `log-tables.ts` describes them. */
const tables: Readonly<Record<string, Table>> = {
  trimmed_statuses: {
    columns: {
      account: 'text',
      trunk_key: 'text',
      client_key: 'text?',
      seq: 'integer',
      name: 'text',
      source: 'text',
      at: 'integer',
      received_at: 'integer',
      confirmed_at: 'integer?',
      confirmed_name: 'text?',
    },
    primaryKey: ['account', 'trunk_key'],
  },
  trimmed_digests: {
    columns: { account: 'text', digest: 'text', received_at: 'integer' },
    primaryKey: ['account', 'digest'],
    indexes: [['account', 'received_at']],
  },
  heartbeats: { columns: { account: 'text', alive_at: 'integer' }, primaryKey: ['account'] },
  blind_stretches: {
    columns: { account: 'text', begins: 'integer', ends: 'integer' },
    primaryKey: ['account', 'begins'],
  },
};

/** What outlives the trimming of the log, and what tells the known time from the unknown. */
export function log(engine: Engine): Migration {
  return {
    async up(db) {
      const moment = columnType(engine, 'integer?');
      await db.schema.alterTable('trunks').addColumn('status_seen', moment).execute();
      await db.schema.alterTable('trunks').addColumn('seen_name', columnType(engine, 'text?')).execute();
      await db.schema.alterTable('events').addColumn('confirmed_at', moment).execute();
      await db.schema.alterTable('events').addColumn('confirmed_name', columnType(engine, 'text?')).execute();
      await createTables(db, engine, tables);
    },
  };
}
