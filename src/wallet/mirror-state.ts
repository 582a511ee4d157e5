import type { Kysely } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import type { Tables } from '../storage/tables.ts';
import type { Hole } from './holes.ts';

/** How far the mirror of transactions has come: everything from `newest` down is known, except in the holes (newest first). */
export interface MirrorState {
  readonly newest: string | null;
  readonly holes: readonly Hole[];
  /** How many transactions are stored. */
  readonly rows: number;
  /** How many DIDfarm counted that reading the whole listing again did not bring. */
  readonly missing: number;
  /** Those that could not be read and are not here, the first {@link mostUnreadable} of them. */
  readonly unreadable: readonly Unreadable[];
}

/** A transaction that DIDfarm lists in a shape that cannot be read. */
export interface Unreadable {
  readonly id: string;
  readonly problem: string;
}

/** What is kept of them: more are a fault of all rows. */
export const mostUnreadable = 100;

/** What `gateway.sync` shows of it. */
export interface MirrorProgress {
  readonly rows: number;
  readonly complete: boolean;
}

/** The snapshot that says when the head of the listing was last read. */
export const headResource = 'transactions';
/** Beside it, so that refreshing the one does not overwrite the other. */
const stateResource = 'transactions?mirror';

export function progressOf(state: MirrorState): MirrorProgress {
  return { rows: state.rows, complete: state.holes.length === 0 && state.unreadable.length === 0 };
}

/** What `gateway.sync` says as long as there are such; nothing otherwise, so that another error stays. */
function errorOf({ unreadable }: MirrorState): { readonly error?: string } {
  const [first] = unreadable;
  if (first === undefined) return {};
  return {
    error: `${unreadable.length} of the transactions cannot be read. The first is ${first.id}: ${first.problem}`,
  };
}

/** Null where nothing was ever read. */
export async function readMirror(db: Kysely<Tables>, account: AccountId): Promise<MirrorState | null> {
  const row = await db
    .selectFrom('snapshots')
    .select('body')
    .where('account', '=', account)
    .where('resource', '=', stateResource)
    .executeTakeFirst();
  return row === undefined || row.body === null ? null : { unreadable: [], ...JSON.parse(row.body) };
}

/** In the transaction that writes the rows, so that the state is never ahead of them. */
export async function writeMirror(trx: Kysely<Tables>, account: AccountId, state: MirrorState): Promise<void> {
  const { rows, complete } = progressOf(state);
  const progress = { row_count: rows, complete: complete ? 1 : 0 } as const;
  const unread = { account, as_of: null, due: 0, error: null } as const;
  await trx
    .insertInto('snapshots')
    .values([
      { ...unread, ...progress, resource: stateResource, body: JSON.stringify(state) },
      { ...unread, ...progress, resource: headResource, body: null },
    ])
    .onConflict((conflict) =>
      conflict.columns(['account', 'resource']).doUpdateSet((eb) => ({
        ...progress,
        ...errorOf(state),
        body: eb.fn.coalesce('excluded.body', 'snapshots.body'),
      })),
    )
    .execute();
}

/** Says again how far the mirror is and what is wrong with it, where a refresh of the head that ended at the same moment has stored an older count. */
export async function publishProgress(db: Kysely<Tables>, account: AccountId, state: MirrorState): Promise<void> {
  const { rows, complete } = progressOf(state);
  await db
    .updateTable('snapshots')
    .set({ row_count: rows, complete: complete ? 1 : 0, ...errorOf(state) })
    .where('account', '=', account)
    .where('resource', '=', headResource)
    .where((eb) =>
      eb.or([
        eb('row_count', '!=', rows),
        eb('complete', '!=', complete ? 1 : 0),
        ...(state.unreadable.length === 0 ? [] : [eb('error', 'is', null)]),
      ]),
    )
    .execute();
}

/** Why the mirror does not get on; null as soon as it does. */
export async function writeMirrorError(db: Kysely<Tables>, account: AccountId, error: string | null): Promise<void> {
  await db
    .updateTable('snapshots')
    .set({ error })
    .where('account', '=', account)
    .where('resource', '=', headResource)
    .execute();
}
