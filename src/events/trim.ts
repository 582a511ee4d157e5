import type { ExpressionBuilder, Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import type { TrimmedStatusRow } from '../storage/log-tables.ts';
import { asInserted } from '../storage/rows.ts';
import type { EventRow, Tables } from '../storage/tables.ts';
import { tellsTrunkStatus } from './catalogue.ts';
import { lastSeq } from './log.ts';

/** What the log keeps: events received since a moment (epoch milliseconds), and so many of the newest at most. */
export interface Kept {
  readonly since: number;
  readonly count: number;
  /** Deliveries since then are known as such even where the log no longer has them. */
  readonly digestsSince: number;
}

const carried = [
  'client_key',
  'seq',
  'name',
  'source',
  'at',
  'received_at',
  'confirmed_at',
  'confirmed_name',
] as const satisfies readonly (keyof TrimmedStatusRow)[];

/** What outlives an event, and so not what was sent with it, which may be large. */
type TrimmedEvent = Pick<EventRow, 'account' | 'digest' | 'trunk_key' | (typeof carried)[number]>;

/** In one transaction: what waits for the database meanwhile must not notice. */
const stretch = 500;

/**
 * Removes the oldest stretch of what an account's log no longer keeps: always a prefix and never the newest event, so that numbers
 * are not given twice. What is asked of old events later is kept beside the log. True where there may be more to remove.
 */
export async function trimStretch(
  trx: Transaction<Tables>,
  account: AccountId,
  { since, count, digestsSince }: Kept,
): Promise<boolean> {
  const newest = await lastSeq(trx, account);
  const oldest = await trx
    .selectFrom('events')
    .select(['account', 'digest', 'trunk_key', ...carried])
    .select((eb) => tells(eb).as('tells'))
    .where('account', '=', account)
    .orderBy('seq')
    .limit(stretch)
    .execute();
  const kept = oldest.findIndex(
    (event) => event.seq === newest || (event.received_at >= since && event.seq > newest - count),
  );
  const removed = kept === -1 ? oldest : oldest.slice(0, kept);
  const last = removed.at(-1);
  if (last === undefined) return false;
  await keepStatuses(
    trx,
    removed.filter((event) => event.tells === 1),
  );
  await keepDigests(
    trx,
    removed.filter((event) => event.source === 'WEBHOOK' && event.received_at >= digestsSince),
  );
  await trx.deleteFrom('events').where('account', '=', account).where('seq', '<=', last.seq).execute();
  return kept === -1;
}

/** Forgets a stretch of deliveries that DIDfarm no longer repeats. True where there may be more. */
export async function trimDigests(trx: Transaction<Tables>, account: AccountId, since: number): Promise<boolean> {
  const old = await trx
    .selectFrom('trimmed_digests')
    .select('digest')
    .where('account', '=', account)
    .where('received_at', '<', since)
    .limit(stretch)
    .execute();
  if (old.length === 0) return false;
  const digests = old.map(({ digest }) => digest);
  await trx.deleteFrom('trimmed_digests').where('account', '=', account).where('digest', 'in', digests).execute();
  return old.length === stretch;
}

function tells(eb: ExpressionBuilder<Tables, 'events'>) {
  return eb
    .case()
    .when(eb.and([tellsTrunkStatus, eb('applied', '=', 1), eb('trunk_key', 'is not', null)]))
    .then(1)
    .else(0)
    .end();
}

/** The last one of each trunk says what the trunk was when the log that is left began. */
async function keepStatuses(trx: Transaction<Tables>, events: readonly TrimmedEvent[]): Promise<void> {
  const last = new Map(events.map((event) => [event.trunk_key, event]));
  const rows = [...last.values()].flatMap(statusRow);
  if (rows.length === 0) return;
  await trx
    .insertInto('trimmed_statuses')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['account', 'trunk_key']).doUpdateSet(asInserted(carried)))
    .execute();
}

function statusRow({ trunk_key, ...event }: TrimmedEvent): TrimmedStatusRow[] {
  if (trunk_key === null) return [];
  const { account, client_key, seq, name, source, at, received_at, confirmed_at, confirmed_name } = event;
  return [{ account, trunk_key, client_key, seq, name, source, at, received_at, confirmed_at, confirmed_name }];
}

async function keepDigests(trx: Transaction<Tables>, events: readonly TrimmedEvent[]): Promise<void> {
  if (events.length === 0) return;
  await trx
    .insertInto('trimmed_digests')
    .values(events.map(({ account, digest, received_at }) => ({ account, digest, received_at })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
