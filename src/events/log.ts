import { type Kysely, sql, type Transaction } from 'kysely';
import type { AccountId, Scope } from '../access/viewer.ts';
import type { Storage } from '../storage/database.ts';
import { type Condition, type Listing, ownClient, type RowPage, readPages } from '../storage/pages.ts';
import { inParts } from '../storage/rows.ts';
import type { EventRow, Tables } from '../storage/tables.ts';

/** An event as it is recorded: the log gives it its number. */
export type NewEvent = Omit<EventRow, 'account' | 'seq' | 'confirmed_at' | 'confirmed_name'> &
  Partial<Pick<EventRow, 'confirmed_at' | 'confirmed_name'>>;

/** The log as it is replayed: oldest first. */
const replay: Listing<EventRow> = {
  source: sql.table('events'),
  keys: ['seq'],
  direction: 'asc',
  visible: ownClient,
};

const rowsPerStatement = 1_000;

/**
 * Adds an event to an account's log, inside the transaction that also applies it; null where its digest is in the log already, or was
 * until lately. Transactions take turns, so the numbers have no gap and appear in their order.
 */
export async function appendEvent(
  trx: Transaction<Tables>,
  account: AccountId,
  event: NewEvent,
): Promise<{ readonly seq: number } | null> {
  const row = { ...event, account };
  const columns = Object.keys(row) as (keyof typeof row)[];
  const values = columns.map((column) => sql`${row[column]}`);
  const appended = await sql<{ seq: number }>`
    insert into events (${sql.join(columns.map((column) => sql.ref(column)))}, seq)
    select ${sql.join(values)}, (select coalesce(max(seq), 0) + 1 from events where account = ${account})
    where not exists (select 1 from trimmed_digests where account = ${account} and digest = ${event.digest})
    on conflict (account, digest) do nothing
    returning seq`.execute(trx);
  return appended.rows[0] ?? null;
}

/** Adds what nobody delivered, in its order and in few statements, inside the transaction that also applies it. */
export async function appendOwn(
  trx: Transaction<Tables>,
  account: AccountId,
  events: readonly Omit<EventRow, 'account' | 'seq' | 'digest'>[],
): Promise<void> {
  const last = await lastSeq(trx, account);
  const rows = events.map((event, place): EventRow => {
    const seq = last + place + 1;
    // Its number is its own for good.
    return { ...event, account, seq, digest: `reconciled ${seq}` };
  });
  for (const some of inParts(rows, rowsPerStatement)) await trx.insertInto('events').values(some).execute();
}

/** The number of the newest event; 0 where there is none. */
export async function lastSeq(db: Kysely<Tables>, account: AccountId): Promise<number> {
  const newest = await db
    .selectFrom('events')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .where('account', '=', account)
    .executeTakeFirst();
  return newest?.seq ?? 0;
}

/** The number of the oldest event that the log has; null where it has none. */
export async function firstSeq(db: Kysely<Tables>, account: AccountId): Promise<number | null> {
  const oldest = await db
    .selectFrom('events')
    .select((eb) => eb.fn.min('seq').as('seq'))
    .where('account', '=', account)
    .executeTakeFirst();
  return oldest?.seq ?? null;
}

/** The events that a scope lets through and that meet the conditions, oldest first, with seq after `after` and up to `upTo`. */
export async function readEvents(
  storage: Storage,
  scope: Scope,
  conditions: readonly Condition[],
  range: { readonly after: number; readonly upTo: number; readonly limit: number },
): Promise<RowPage<EventRow>> {
  const [page] = await readPages(storage, replay, scope, [conditions], {
    limit: range.limit,
    after: [range.after],
    before: [range.upTo + 1],
    backward: false,
  });
  return page ?? { rows: [], more: false };
}
