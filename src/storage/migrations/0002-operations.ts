import type { Migration } from 'kysely/migration';
import type { Engine } from '../engine.ts';
import { createTables, type Table } from './create-tables.ts';

const key = ['account', 'viewer', 'idempotency_key'];

/** As `tables.ts` describes them. */
const tables: Readonly<Record<string, Table>> = {
  operations: {
    columns: {
      account: 'text',
      viewer: 'text',
      idempotency_key: 'text',
      mutation: 'text',
      fingerprint: 'text',
      input: 'text',
      status: 'text',
      started_at: 'integer',
      finished_at: 'integer?',
      result: 'text?',
      error: 'text?',
      owner: 'text',
    },
    primaryKey: key,
    indexes: [['account', 'status']],
  },
  operation_steps: {
    columns: {
      account: 'text',
      viewer: 'text',
      idempotency_key: 'text',
      position: 'integer',
      name: 'text',
      status: 'text',
      at: 'integer',
      sent_at: 'integer?',
      evidence: 'text?',
      result: 'text?',
    },
    primaryKey: [...key, 'position'],
  },
};

/** What mutations are recorded in. */
export function operations(engine: Engine): Migration {
  return { up: (db) => createTables(db, engine, tables) };
}
