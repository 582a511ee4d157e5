import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../access/viewer.ts';
import type { Storage } from './database.ts';

/** A boolean SQL expression. */
export type Condition = RawBuilder<unknown>;

/** The values of a row's ordering columns: where a page begins or ends. */
export type Key = readonly (string | number)[];

/**
 * An ordered set of rows that pages are cut from. `keys` are unique together within an account and are, behind `account`
 * and whatever a condition fixes, the columns of an index; so a page costs the same however many rows there are.
 */
export interface Listing<Row> {
  readonly source: RawBuilder<unknown>;
  readonly keys: readonly (keyof Row & string)[];
  readonly direction: 'asc' | 'desc';
  /** What of the account a scope lets through. */
  readonly visible: (scope: Scope) => Condition;
}

/** Which page: at most `limit` rows after or before a key; `backward` takes the last ones instead of the first. */
export interface Slice {
  readonly limit: number;
  readonly after: Key | null;
  readonly before: Key | null;
  readonly backward: boolean;
}

/** The rows in their listing's order, and whether more lie beyond the side that was cut. */
export interface RowPage<Row> {
  readonly rows: readonly Row[];
  readonly more: boolean;
}

/** SQLite takes 500 terms in a compound; a larger batch is read in several statements. */
const parentsPerStatement = 250;

/** The usual rule: a client's viewer sees the rows that carry its client's key. */
export function ownClient(scope: Scope): Condition {
  return scope.client === null ? sql`1 = 1` : sql`client_key = ${scope.client}`;
}

/** Text that holds what was typed, wherever it stands, without regard to case. */
export function contains(column: string, typed: string): Condition {
  const escaped = typed.toLowerCase().replace(/[\\%_]/g, (character) => `\\${character}`);
  return sql`fold_case(${sql.ref(column)}) like ${`%${escaped}%`} escape '\\'`;
}

/** True where the column is one of the values; false where there are none. */
export function oneOf(column: string, values: readonly (string | number)[]): Condition {
  return values.length === 0 ? sql`1 = 0` : sql`${sql.ref(column)} in (${sql.join(values)})`;
}

function all(conditions: readonly Condition[]): Condition {
  return sql.join(conditions, sql` and `);
}

function keyTuple(keys: readonly string[]): RawBuilder<unknown> {
  return sql`(${sql.join(keys.map((key) => sql.ref(key)))})`;
}

function beyond<Row>(listing: Listing<Row>, key: Key | null, forward: boolean): Condition[] {
  if (key === null) return [];
  const operator = forward === (listing.direction === 'asc') ? sql`>` : sql`<`;
  return [sql`${keyTuple(listing.keys)} ${operator} (${sql.join(key)})`];
}

function statement<Row>(listing: Listing<Row>, scope: Scope, own: readonly Condition[], slice: Slice) {
  const where = all([
    sql`account = ${scope.account}`,
    listing.visible(scope),
    ...own,
    ...beyond(listing, slice.after, true),
    ...beyond(listing, slice.before, false),
  ]);
  const descending = (listing.direction === 'desc') !== slice.backward;
  const order = sql.join(
    listing.keys.map((key) => (descending ? sql`${sql.ref(key)} desc` : sql`${sql.ref(key)} asc`)),
  );
  return sql`select * from ${listing.source} where ${where} order by ${order} limit ${slice.limit + 1}`;
}

function cut<Row>(rows: readonly Row[], slice: Slice): RowPage<Row> {
  const kept = rows.slice(0, slice.limit);
  return { rows: slice.backward ? kept.reverse() : kept, more: rows.length > slice.limit };
}

/**
 * One page for each parent, in one statement: each parent's page is its own index range, so that a parent with a million
 * rows costs what one with a hundred does. `parents` are the conditions that make a row a parent's own.
 */
export async function readPages<Row>(
  storage: Storage,
  listing: Listing<Row>,
  scope: Scope,
  parents: readonly (readonly Condition[])[],
  slice: Slice,
): Promise<RowPage<Row>[]> {
  const [only] = parents;
  if (only !== undefined && parents.length === 1) {
    const found = await sql<Row>`${statement(listing, scope, only, slice)}`.execute(storage.db);
    return [cut(found.rows, slice)];
  }
  const pages: RowPage<Row>[] = [];
  for (let start = 0; start < parents.length; start += parentsPerStatement) {
    const some = parents.slice(start, start + parentsPerStatement);
    const terms = some.map(
      (own, parent) =>
        sql`select ${sql.lit(parent)} as page_parent, page.* from (${statement(listing, scope, own, slice)}) as page`,
    );
    const found = await sql<Row & { page_parent: number }>`${sql.join(terms, sql` union all `)}`.execute(storage.db);
    const groups = Map.groupBy(found.rows, (row) => Number(row.page_parent));
    for (const parent of some.keys()) pages.push(cut(groups.get(parent) ?? [], slice));
  }
  return pages;
}

/** How many rows each parent has, in one statement. */
export async function countRows<Row>(
  storage: Storage,
  listing: Listing<Row>,
  scope: Scope,
  parents: readonly (readonly Condition[])[],
): Promise<number[]> {
  const counts: number[] = [];
  for (let start = 0; start < parents.length; start += parentsPerStatement) {
    const some = parents.slice(start, start + parentsPerStatement);
    const terms = some.map((own, parent) => {
      const where = all([sql`account = ${scope.account}`, listing.visible(scope), ...own]);
      return sql`select ${sql.lit(parent)} as page_parent, count(*) as total from ${listing.source} where ${where}`;
    });
    const found = await sql<{ page_parent: number; total: number }>`${sql.join(terms, sql` union all `)}`.execute(
      storage.db,
    );
    const totals = new Map(found.rows.map((row) => [Number(row.page_parent), Number(row.total)]));
    for (const parent of some.keys()) counts.push(totals.get(parent) ?? 0);
  }
  return counts;
}

/** The rows whose column is one of the values and that the scope may see: what a DataLoader by key reads. */
export async function readRows<Row>(
  storage: Storage,
  listing: Listing<Row>,
  scope: Scope,
  column: keyof Row & string,
  values: readonly (string | number)[],
): Promise<readonly Row[]> {
  if (values.length === 0) return [];
  const where = all([sql`account = ${scope.account}`, listing.visible(scope), oneOf(column, values)]);
  return (await sql<Row>`select * from ${listing.source} where ${where}`.execute(storage.db)).rows;
}
