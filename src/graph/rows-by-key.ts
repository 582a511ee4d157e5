import type DataLoader from 'dataloader';
import { type Listing, readRows, rowsWith } from '../storage/pages.ts';
import type { Tables } from '../storage/tables.ts';
import { type Context, loaderByKey, perOperation } from './context.ts';

/** The rows of a listing by one of their columns. */
export interface RowsByKey<K extends string | number, Row> {
  readonly loader: (context: Context) => DataLoader<K, Row | null>;
  /** The row, or null: at once where it is known, so that a page of rows that are costs no promise; else through the loader. */
  readonly find: (context: Context, key: K) => Row | null | Promise<Row | null>;
}

interface Options<Row> {
  /** No other rows that are read by this column have it. */
  readonly name: string;
  readonly listing: Listing<Row>;
  /** What the rows of the listing are made of, and nothing else. */
  readonly table: keyof Tables;
  /** Makes sure that the rows are as fresh as they must be: a promise where that takes a while. */
  readonly freshen?: (context: Context) => unknown;
}

export function rowsByKey<K extends string | number, Row extends object>(
  column: keyof Row & string,
  { name, listing, table, freshen = () => undefined }: Options<Row>,
): RowsByKey<K, Row> {
  const keyOf = (row: Row) => row[column] as K;
  const statementOf =
    ({ account, scope }: Context) =>
    () =>
      rowsWith(listing, scope, column, ['']).compile(account.storage.db).sql;
  const known = perOperation((context) => ({
    rows: context.account.storage.known.of({
      ...{ name: `${name} by ${column}`, table, column },
      scope: context.scope,
      statement: statementOf(context),
    }),
    fresh: !(freshen(context) instanceof Promise),
  }));
  const read = async (context: Context, keys: readonly K[]) => {
    await freshen(context);
    const learn = known(context).rows.reading();
    const rows = await readRows(context.account.storage, listing, context.scope, column, keys);
    const byKey = new Map(rows.map((row) => [keyOf(row), row]));
    learn(keys.map((key) => [key, byKey.get(key) ?? null]));
    return rows;
  };
  const loader = loaderByKey<K, Row>(read, keyOf);
  return {
    loader,
    find(context, key) {
      const { rows, fresh } = known(context);
      const row = (fresh ? rows.find(key) : undefined) as Row | null | undefined;
      return row === undefined ? loader(context).load(key) : row;
    },
  };
}
