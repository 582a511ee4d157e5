import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** What a large account holds, and how much a further column of an index narrows it. */
const rows = 1_000_000;
const narrowing = 1_000;

/**
 * Tells SQLite what ANALYZE would find in a large account: the account alone selects all rows, each further column of an index
 * narrows them. Without it SQLite takes an account for ten rows, and reads it whole rather than use another index.
 */
export async function describeLargeAccount(db: Kysely<Tables>): Promise<void> {
  const indexes = await sql<{ table_name: string; index_name: string; is_unique: number; columns: number }>`
    select tables.name as table_name, indexes."unique" as is_unique,
      case when indexes.origin = 'pk' then tables.name else indexes.name end as index_name,
      (select count(*) from pragma_index_info(indexes.name) where cid >= 0) as columns
    from sqlite_schema as tables, pragma_index_list(tables.name) as indexes
    where tables.type = 'table' and tables.name not like 'kysely%'`.execute(db);
  // Of any table: it makes the table of statistics.
  await sql`analyze settings`.execute(db);
  await sql`delete from sqlite_stat1`.execute(db);
  for (const { table_name, index_name, is_unique, columns } of indexes.rows) {
    const found = Array.from({ length: columns }, (_, column) =>
      is_unique === 1 && column === columns - 1 ? 1 : Math.max(1, rows / narrowing ** column),
    );
    await sql`insert into sqlite_stat1 values (${table_name}, ${index_name}, ${[rows, ...found].join(' ')})`.execute(
      db,
    );
  }
  await sql`analyze sqlite_schema`.execute(db);
}
