import { sql } from 'kysely';
import { tellsTrunkStatus } from '../events/catalogue.ts';
import { countedAt } from '../events/timeliness.ts';
import type { Context } from '../graph/context.ts';
import { type Condition, readRows } from '../storage/pages.ts';
import type { EventRow, ShownTrunk } from '../storage/tables.ts';
import { freshTrunks, trunkRows } from '../trunks/listing.ts';
import { rawStatusTold, statusOfEvent } from '../trunks/status-names.ts';
import type { TrunkStatus } from '../trunks/trunks.ts';
import type { Follow } from './live.ts';

/** TrunkStatusUpdate of the graph. */
export interface TrunkStatusUpdate {
  readonly trunk: ShownTrunk;
  readonly previous: TrunkStatus | null;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly seq: number;
}

/**
 * The status of every matching trunk as it is, then each change; the changes alone for one who goes on from a place.
 * `matching` holds for rows of `trunks` and of `events` alike.
 */
export async function* trunkChanges(
  context: Context,
  matching: readonly Condition[],
  follow: Follow,
): AsyncGenerator<TrunkStatusUpdate, void, undefined> {
  const begin = context.place.resume ?? (yield* present(context, matching));
  const changes = [...matching, sql`applied = 1`, tellsTrunkStatus];
  for await (const event of follow(changes, begin)) {
    const update = await updateOf(context, event);
    if (update !== null) yield update;
  }
}

/** Every matching trunk as it is. @returns the place in the log that this is true for. */
async function* present(
  context: Context,
  matching: readonly Condition[],
): AsyncGenerator<TrunkStatusUpdate, number, undefined> {
  await freshTrunks(context);
  const { trunks, newest } = await readStatuses(context, matching);
  for (const [index, trunk] of trunks.entries()) {
    // Who has not had all of them cannot go on from here, and begins anew.
    if (index === trunks.length - 1) context.place.seq = newest;
    yield { trunk, previous: null, at: trunk.status_since ?? context.account.clock.now(), seq: newest };
  }
  return newest;
}

/** Trunks and the place in the log that they are true for, in one statement: a change is in one of the two and never in both. */
async function readStatuses(
  context: Context,
  matching: readonly Condition[],
): Promise<{ trunks: readonly ShownTrunk[]; newest: number }> {
  const { scope, account } = context;
  const where = sql.join([trunkRows.listing.visible(scope), ...matching], sql` and `);
  const found = await sql<ShownTrunk & { newest: number }>`
    select log.newest, matching.*
    from (select coalesce(max(seq), 0) as newest from events where account = ${scope.account}) as log
    left join (select * from trunks where account = ${scope.account} and ${where}) as matching on 1 = 1
    order by client_key, trunk_key`.execute(account.storage.db);
  const newest = found.rows[0]?.newest ?? 0;
  return { trunks: found.rows.filter((row) => row.trunk_key !== null), newest };
}

/** Null where a trunk registered once more: that is an event and no change. */
async function updateOf(context: Context, event: EventRow): Promise<TrunkStatusUpdate | null> {
  const { storage } = context.account;
  const previous = await previousStatus(context, event);
  const status = statusOfEvent(event.name);
  if (status === previous || event.trunk_key === null) return null;
  const [trunk] = await readRows(storage, trunkRows.listing, context.scope, 'trunk_key', [event.trunk_key]);
  if (trunk === undefined) return null;
  // The trunk may have changed again since: this update shows what this event said, and the next one the rest.
  const at = countedAt(event.at, event.received_at);
  return {
    trunk: { ...trunk, status, raw_status: rawStatusTold(event), status_since: at },
    previous,
    at,
    seq: event.seq,
  };
}

/** What the applied event before this one said, also where the log no longer has it; null where this is the first that is known. */
async function previousStatus({ account, scope }: Context, event: EventRow): Promise<TrunkStatus | null> {
  const found = await sql<Pick<EventRow, 'name'>>`
    select name from (
      select * from (
        select seq, name from events
        where account = ${scope.account} and trunk_key = ${event.trunk_key} and seq < ${event.seq}
          and applied = 1 and ${tellsTrunkStatus}
        order by seq desc limit 1) as logged
      union all
      select seq, name from trimmed_statuses
      where account = ${scope.account} and trunk_key = ${event.trunk_key} and seq < ${event.seq}
    ) as earlier
    order by seq desc limit 1`.execute(account.storage.db);
  const [before] = found.rows;
  return before === undefined ? null : statusOfEvent(before.name);
}
