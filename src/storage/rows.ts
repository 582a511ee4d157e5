import { type RawBuilder, sql } from 'kysely';

/** Whether a row says something else than the one that is there, or there is none. */
export function differs<Row extends object>(before: Row | undefined, after: Row): boolean {
  return (Object.keys(after) as (keyof Row)[]).some((column) => before?.[column] !== after[column]);
}

/** The columns of rows but for those that are named. */
export function columnsBeside<Row extends object>(
  rows: readonly Row[],
  ...named: readonly (keyof Row & string)[]
): string[] {
  const leftOut: ReadonlySet<string> = new Set(named);
  return Object.keys(rows[0] ?? {}).filter((column) => !leftOut.has(column));
}

/** What an upsert sets where the row is there already: these columns, as the row that was to be inserted has them. */
export function asInserted(columns: readonly string[]): Record<string, RawBuilder<unknown>> {
  return Object.fromEntries(columns.map((column) => [column, sql.ref(`excluded.${column}`)]));
}

/** So many at a time, in their order. SQLite takes 32,766 values in a statement. */
export function inParts<Item>(items: readonly Item[], most: number): Item[][] {
  const parts = Math.ceil(items.length / most);
  return Array.from({ length: parts }, (_, part) => items.slice(part * most, (part + 1) * most));
}
