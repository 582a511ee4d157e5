import { sql, type Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import type { EventType } from '../events/catalogue.ts';
import { counted, knownSince, timely } from '../events/timeliness.ts';
import type { Tables } from '../storage/tables.ts';

/** The events that tell, one after the other, what status one trunk or one number has. */
export interface Series {
  readonly account: AccountId;
  readonly table: 'trunks' | 'numbers';
  readonly key: string;
  /** The status that each event says; those without one are not of the series. */
  readonly statuses: Partial<Readonly<Record<EventType, string>>>;
}

const keyColumns = { trunks: 'trunk_key', numbers: 'e164' } as const;

/** How far back a status is followed to where it began. */
const longestRun = 500;

/**
 * Whether no event that was applied is later. Those applied are in the order of their own time, so the last of them tells;
 * of two of the same moment the one that came in later counts.
 */
export async function isNewest(trx: Transaction<Tables>, series: Series, at: number, now: number): Promise<boolean> {
  const last = await eventsOf(trx, series)
    .select(counted.as('at'))
    .where('applied', '=', 1)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const known = knownSince(last?.at, now);
  return known === null || at >= known;
}

/** A late event changes no status, but it may show that the present one began later than it seemed. */
export async function settleSince(trx: Transaction<Tables>, series: Series, now: number): Promise<void> {
  const run = await latestRun(trx, series, now);
  if (run === null) return;
  await sql`update ${sql.table(series.table)} set status_since = ${run.since}
    where account = ${series.account} and ${sql.ref(keyColumns[series.table])} = ${series.key}
      and status = ${series.statuses[run.type]}`.execute(trx);
}

/** What the events end in by their own time, and when it began: what a late event may have moved. */
async function latestRun(
  trx: Transaction<Tables>,
  series: Series,
  now: number,
): Promise<{ readonly type: EventType; readonly since: number } | null> {
  const events = await eventsOf(trx, series)
    .select(['type', counted.as('at')])
    .where(timely)
    .orderBy(counted, 'desc')
    .orderBy('seq', 'desc')
    .limit(longestRun)
    .execute();
  const latest = events.filter((event) => knownSince(event.at, now) !== null);
  const [newest] = latest;
  if (newest === undefined) return null;
  const changed = latest.findIndex((event) => event.type !== newest.type);
  const first = latest.at(changed === -1 ? -1 : changed - 1) ?? newest;
  return { type: newest.type as EventType, since: first.at };
}

function eventsOf(trx: Transaction<Tables>, { account, table, key, statuses }: Series) {
  return trx
    .selectFrom('events')
    .where('account', '=', account)
    .where(keyColumns[table], '=', key)
    .where('type', 'in', Object.keys(statuses));
}
