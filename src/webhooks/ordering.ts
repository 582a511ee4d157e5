import { type Expression, type SqlBool, sql, type Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import { counted, countedAt, knownSince, timely } from '../events/timeliness.ts';
import type { Tables } from '../storage/tables.ts';

/** The events that tell, one after the other, what status one trunk or one number has. */
export interface Series {
  readonly account: AccountId;
  readonly table: 'trunks' | 'numbers';
  readonly key: string;
  /** Which events those are, over rows of `events`. */
  readonly told: Expression<SqlBool>;
  /** The status that one of them says. */
  readonly statusOf: (event: { readonly type: string; readonly name: string }) => string | null;
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

/** A late event changes no status, but it may show that the present one began at another time than it seemed. */
export async function settleSince(trx: Transaction<Tables>, series: Series, now: number): Promise<void> {
  const run = await latestRun(trx, series, now);
  if (run === null) return;
  const present = sql`account = ${series.account} and ${sql.ref(keyColumns[series.table])} = ${series.key} and status = ${run.status}`;
  // The log has not always been kept from the beginning: what began before its first event began when it was said to.
  const isEarlier = run.whole ? sql`1 = 1` : sql`(status_since is null or status_since > ${run.since})`;
  await sql`update ${sql.table(series.table)} set status_since = ${run.since} where ${present} and ${isEarlier}`.execute(
    trx,
  );
}

/** What the events end in by their own time, and when it began (`whole`: the log has the event before): what a late event may have moved. */
async function latestRun(
  trx: Transaction<Tables>,
  series: Series,
  now: number,
): Promise<{ readonly status: string | null; readonly since: number; readonly whole: boolean } | null> {
  const events = await eventsOf(trx, series)
    .select(['type', 'name', 'at', 'received_at'])
    .where(timely)
    .orderBy(counted, 'desc')
    .orderBy('seq', 'desc')
    .limit(longestRun)
    .execute();
  const latest = events
    .map((event) => ({ status: series.statusOf(event), at: countedAt(event.at, event.received_at) }))
    .filter((event) => knownSince(event.at, now) !== null);
  const [newest] = latest;
  if (newest === undefined) return null;
  const { status } = newest;
  const changed = latest.findIndex((event) => event.status !== status);
  const first = latest.at(changed === -1 ? -1 : changed - 1) ?? newest;
  return { status, since: first.at, whole: changed !== -1 };
}

function eventsOf(trx: Transaction<Tables>, { account, table, key, told }: Series) {
  return trx.selectFrom('events').where('account', '=', account).where(keyColumns[table], '=', key).where(told);
}
