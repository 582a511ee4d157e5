import { type ColumnDataType, type CreateTableBuilder, type Kysely, type RawBuilder, sql } from 'kysely';
import type { Engine } from '../engine.ts';

type Column = 'text' | 'text?' | 'integer' | 'integer?' | 'flag' | 'flag?';

/** A table as a migration names it; every index begins with what it is searched by. */
export interface Table {
  readonly columns: Readonly<Record<string, Column>>;
  readonly primaryKey: readonly string[];
  readonly unique?: readonly (readonly string[])[];
  readonly indexes?: readonly (readonly string[])[];
}

/** The tables with their indexes, alike on both engines. */
export async function createTables(
  db: Kysely<unknown>,
  engine: Engine,
  tables: Readonly<Record<string, Table>>,
): Promise<void> {
  for (const [name, table] of Object.entries(tables)) {
    await createTable(db, engine, name, table);
    for (const columns of table.unique ?? []) await createIndex(db, name, columns, true);
    for (const columns of table.indexes ?? []) await createIndex(db, name, columns, false);
  }
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
export function columnType(engine: Engine, kind: Column): ColumnDataType | RawBuilder<unknown> {
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
