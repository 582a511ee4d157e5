import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../engine.ts';

/** What operations are judged by when their answer was lost, as `operation-tables.ts` describes it. */
export function lateEvidence(engine: Engine): Migration {
  const integer = engine === 'postgres' ? 'bigint' : 'integer';
  const text = engine === 'postgres' ? sql`text collate "C"` : sql`text`;
  return {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('operations').addColumn('findings', text).execute();
      await db.schema
        .alterTable('operations')
        .addColumn('review', 'integer', (column) => column.notNull().defaultTo(0))
        .execute();
      await db.schema
        .alterTable('operation_steps')
        .addColumn('looks', 'integer', (column) => column.notNull().defaultTo(0))
        .execute();
      await db.schema.alterTable('operation_steps').addColumn('looked_at', integer).execute();
      await db.schema.alterTable('operation_steps').addColumn('judged', text).execute();
      await db.schema.createIndex('operations_by_review').on('operations').columns(['account', 'review']).execute();
    },
  };
}
