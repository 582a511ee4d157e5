import { setImmediate } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../access/viewer.ts';
import type { Storage } from './database.ts';

/** A boolean SQL expression. */
export type Condition = RawBuilder<unknown>;

/**
 * Which rows of a listing are asked for. `indexed` are cheap to look through; `scanned` are not, such as {@link contains}, and no
 * index serves them: where there are any, a listing is searched in stretches.
 */
export interface Filter {
  readonly indexed: readonly Condition[];
  readonly scanned: readonly Condition[];
}

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
  /** Of its rows, where they are not read whole. */
  readonly columns?: readonly (keyof Row & string)[];
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
const termsPerStatement = 250;
/** SQLite reads in this process, which nobody else gets a turn of meanwhile: some 5 ms. */
const rowsPerStatement = 1_000;

/** The usual rule: a client's viewer sees the rows that carry its client's key. */
export function ownClient(scope: Scope): Condition {
  return scope.client === null ? sql`1 = 1` : sql`client_key = ${scope.client}`;
}

/** The rule for what is the account's own: a client's viewer sees no row. */
export function wholeAccount(scope: Scope): Condition {
  return scope.client === null ? sql`1 = 1` : sql`1 = 0`;
}

/** Text that holds what was typed, wherever it stands, without regard to case. */
export function contains(column: string, typed: string): Condition {
  const escaped = typed.toLowerCase().replace(/[\\%_]/g, (character) => `\\${character}`);
  return sql`fold_case(${sql.ref(column)}) like ${`%${escaped}%`} escape '\\'`;
}

/** {@link contains} of any of the columns; null where nothing was typed. */
export function containsIn(columns: readonly string[], typed: string | null | undefined): Condition | null {
  if (typed == null) return null;
  return sql`(${sql.join(
    columns.map((column) => contains(column, typed)),
    sql` or `,
  )})`;
}

/** With words to look for, whatever else no index serves is left to the search, so that each of its stretches is bounded. */
export function searchedFor(
  words: Condition | null,
  indexed: readonly Condition[],
  others: readonly Condition[],
): Filter {
  return words === null ? { indexed: [...indexed, ...others], scanned: [] } : { indexed, scanned: [...others, words] };
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

/** As far as a row: that one and what is before it, or behind it where the listing is read backwards. */
export function upTo<Row>(listing: Listing<Row>, key: Key, backward: boolean): Condition {
  const operator = backward === (listing.direction === 'asc') ? sql`>=` : sql`<=`;
  return sql`${keyTuple(listing.keys)} ${operator} (${sql.join(key)})`;
}

/** The rows that a scope sees and that meet the conditions, as what follows `select … from`. */
export function among<Row>(
  listing: Listing<Row>,
  scope: Scope,
  own: readonly Condition[],
  slice: Pick<Slice, 'after' | 'before'> = { after: null, before: null },
): RawBuilder<unknown> {
  // Where a filter bounds the same side as a key does, SQLite enters its index by what it is told first: the key is closer.
  const where = all([
    sql`account = ${scope.account}`,
    ...beyond(listing, slice.after, true),
    ...beyond(listing, slice.before, false),
    listing.visible(scope),
    ...own,
  ]);
  return sql`${listing.source} where ${where}`;
}

/** In the order of the listing, or against it. */
export function ordered<Row>(listing: Listing<Row>, backward: boolean): RawBuilder<unknown> {
  const descending = (listing.direction === 'desc') !== backward;
  return sql`order by ${sql.join(listing.keys.map((key) => (descending ? sql`${sql.ref(key)} desc` : sql`${sql.ref(key)} asc`)))}`;
}

function columnsOf<Row>({ columns }: Listing<Row>): RawBuilder<unknown> {
  return columns === undefined ? sql`*` : sql.join(columns.map((column) => sql.ref(column)));
}

function statement<Row>(listing: Listing<Row>, scope: Scope, own: readonly Condition[], slice: Slice) {
  const rows = among(listing, scope, own, slice);
  return sql`select ${columnsOf(listing)} from ${rows} ${ordered(listing, slice.backward)} limit ${slice.limit + 1}`;
}

export function cut<Row>(rows: readonly Row[], slice: Slice): RowPage<Row> {
  const kept = rows.slice(0, slice.limit);
  return { rows: slice.backward ? kept.reverse() : kept, more: rows.length > slice.limit };
}

/**
 * What each of several selects gives, run as one statement, or as several with others' turns between them where that would be
 * too large. @param rowsEach how many rows one of them gives at most.
 */
export async function readTogether<Row>(
  storage: Storage,
  selects: readonly RawBuilder<unknown>[],
  rowsEach = 1,
): Promise<(readonly Row[])[]> {
  const [only] = selects;
  if (only !== undefined && selects.length === 1) return [(await sql<Row>`${only}`.execute(storage.db)).rows];
  const read: (readonly Row[])[] = [];
  const together = Math.max(1, Math.min(termsPerStatement, Math.floor(rowsPerStatement / rowsEach)));
  for (let start = 0; start < selects.length; start += together) {
    if (start > 0) await setImmediate();
    const some = selects.slice(start, start + together);
    const terms = some.map(
      (select, place) => sql`select ${sql.lit(place)} as page_parent, page.* from (${select}) as page`,
    );
    const found = await sql<Row & { page_parent: number }>`${sql.join(terms, sql` union all `)}`.execute(storage.db);
    const groups = Map.groupBy(found.rows, (row) => Number(row.page_parent));
    for (const place of some.keys()) read.push(groups.get(place) ?? []);
  }
  return read;
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
  const selects = parents.map((own) => statement(listing, scope, own, slice));
  return (await readTogether<Row>(storage, selects, slice.limit + 1)).map((rows) => cut(rows, slice));
}

/** How many rows each parent has, in one statement. */
export async function countRows<Row>(
  storage: Storage,
  listing: Listing<Row>,
  scope: Scope,
  parents: readonly (readonly Condition[])[],
): Promise<number[]> {
  const selects = parents.map((own) => sql`select count(*) as total from ${among(listing, scope, own)}`);
  return (await readTogether<{ total: number }>(storage, selects)).map(([row]) => Number(row?.total ?? 0));
}

/** The rows whose column is one of the values and that the scope may see. */
export function rowsWith<Row>(
  listing: Listing<Row>,
  scope: Scope,
  column: keyof Row & string,
  values: readonly (string | number)[],
): RawBuilder<Row> {
  return sql<Row>`select ${columnsOf(listing)} from ${among(listing, scope, [oneOf(column, values)])}`;
}

/** {@link rowsWith}: what a DataLoader by key reads. */
export async function readRows<Row>(
  storage: Storage,
  listing: Listing<Row>,
  scope: Scope,
  column: keyof Row & string,
  values: readonly (string | number)[],
): Promise<readonly Row[]> {
  if (values.length === 0) return [];
  return (await rowsWith(listing, scope, column, values).execute(storage.db)).rows;
}
