import type { AccountId } from '../access/viewer.ts';
import type { Storage } from '../storage/database.ts';

/** A value as it was known at a time. `due`: out of date whatever its age. */
export interface KnownValue {
  readonly value: unknown;
  readonly asOf: number;
  readonly due: boolean;
}

/** One row of `gateway.sync`. */
export interface SyncState {
  readonly resource: string;
  readonly asOf: number | null;
  readonly complete: boolean;
  readonly rows: number;
  readonly error: string | null;
}

/** The snapshots table: what outlives the process. */
export interface SnapshotRows {
  find(account: AccountId, resource: string): Promise<KnownValue | undefined>;
  /** Leaves a row that is newer, unless it is of the future. */
  store(account: AccountId, resource: string, value: unknown, asOf: number): Promise<void>;
  fail(account: AccountId, resource: string, error: string): Promise<void>;
  expire(account: AccountId, resource: string): Promise<void>;
  /** Of the keyed rows of a resource only so many of the newest are kept. */
  prune(account: AccountId, resource: string, keep: number): Promise<void>;
  /** The resources themselves, without what is kept of them by key. */
  states(account: AccountId): Promise<SyncState[]>;
}

const separator = '?';
const afterSeparator = '@';

/** `wallet`, or `search?country=NL` where there is a key. */
export function resourceName(resource: string, key: string): string {
  return key === '' ? resource : `${resource}${separator}${key}`;
}

export function createSnapshotRows({ db }: Storage, now: () => number): SnapshotRows {
  return {
    async find(account, resource) {
      const row = await db
        .selectFrom('snapshots')
        .select(['body', 'as_of', 'due'])
        .where('account', '=', account)
        .where('resource', '=', resource)
        .executeTakeFirst();
      if (!row || row.as_of === null) return undefined;
      return { value: row.body === null ? null : JSON.parse(row.body), asOf: row.as_of, due: row.due === 1 };
    },

    async store(account, resource, value, asOf) {
      const content = {
        body: value == null ? null : JSON.stringify(value),
        as_of: asOf,
        due: 0,
        ...progressOf(value),
        error: null,
      } as const;
      await db
        .insertInto('snapshots')
        .values({ account, resource, ...content })
        .onConflict((conflict) =>
          conflict
            .columns(['account', 'resource'])
            .doUpdateSet(content)
            .where((row) =>
              row.or([
                row('snapshots.as_of', 'is', null),
                row('snapshots.as_of', '<=', asOf),
                row('snapshots.as_of', '>', now()),
              ]),
            ),
        )
        .execute();
    },

    async fail(account, resource, error) {
      const { numUpdatedRows } = await db
        .updateTable('snapshots')
        .set({ error })
        .where('account', '=', account)
        .where('resource', '=', resource)
        .executeTakeFirst();
      // What was asked for by key and never answered leaves nothing behind: there is no end to such keys.
      if (numUpdatedRows > 0n || resource.includes(separator)) return;
      const unknown = { body: null, as_of: null, due: 0, complete: 0, row_count: 0 } as const;
      await db
        .insertInto('snapshots')
        .values({ account, resource, ...unknown, error })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    async expire(account, resource) {
      await db
        .updateTable('snapshots')
        .set({ due: 1 })
        .where('account', '=', account)
        .where('resource', '=', resource)
        .execute();
    },

    async prune(account, resource, keep) {
      const between = [resource + separator, resource + afterSeparator] as const;
      const last = await db
        .selectFrom('snapshots')
        .select('as_of')
        .where('account', '=', account)
        .where('resource', '>=', between[0])
        .where('resource', '<', between[1])
        .where('as_of', 'is not', null)
        .orderBy('as_of', 'desc')
        .limit(1)
        .offset(keep - 1)
        .executeTakeFirst();
      if (!last || last.as_of === null) return;
      await db
        .deleteFrom('snapshots')
        .where('account', '=', account)
        .where('resource', '>=', between[0])
        .where('resource', '<', between[1])
        .where('as_of', '<', last.as_of)
        .execute();
    },

    async states(account) {
      const rows = await db
        .selectFrom('snapshots')
        .select(['resource', 'as_of', 'complete', 'row_count', 'error'])
        .where('account', '=', account)
        .where('resource', 'not like', `%${separator}%`)
        .orderBy('resource')
        .execute();
      return rows.map((row) => ({
        resource: row.resource,
        asOf: row.as_of,
        complete: row.complete === 1,
        rows: row.row_count,
        error: row.error,
      }));
    },
  };
}

/** A list counts itself; a value that stands for rows elsewhere says `{rows, complete?}`; anything else is one whole thing. */
function progressOf(value: unknown): { row_count: number; complete: 0 | 1 } {
  if (Array.isArray(value)) return { row_count: value.length, complete: 1 };
  if (typeof value !== 'object' || value === null) return { row_count: value == null ? 0 : 1, complete: 1 };
  const rows = 'rows' in value && typeof value.rows === 'number' ? value.rows : 1;
  return { row_count: rows, complete: 'complete' in value && value.complete === false ? 0 : 1 };
}
