import type { Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import type { EventType } from '../events/catalogue.ts';
import type { Tables } from '../storage/tables.ts';
import { timely } from './timeliness.ts';

/** The events that tell, one after the other, what status one trunk or one number has. */
export interface Series {
  readonly account: AccountId;
  readonly column: 'trunk_key' | 'e164';
  readonly value: string;
  readonly types: readonly EventType[];
}

/** How far back a status is followed to where it began. */
const longestRun = 500;

/**
 * Whether no event that was applied is later. Those applied are in the order of their own time, so the last of them tells;
 * of two of the same moment the one that came in later counts.
 */
export async function isNewest(trx: Transaction<Tables>, series: Series, at: number): Promise<boolean> {
  const last = await eventsOf(trx, series)
    .select('at')
    .where('applied', '=', 1)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last === undefined || at >= last.at;
}

/** The status that the events end in by their own time, and when it began: what a late event may have moved. */
export async function latestRun(
  trx: Transaction<Tables>,
  series: Series,
): Promise<{ readonly type: EventType; readonly since: number } | null> {
  const latest = await eventsOf(trx, series)
    .select(['type', 'at'])
    .where(timely)
    .orderBy('at', 'desc')
    .orderBy('seq', 'desc')
    .limit(longestRun)
    .execute();
  const [newest] = latest;
  if (newest === undefined) return null;
  const changed = latest.findIndex((event) => event.type !== newest.type);
  const first = latest.at(changed === -1 ? -1 : changed - 1) ?? newest;
  return { type: newest.type as EventType, since: first.at };
}

function eventsOf(trx: Transaction<Tables>, { account, column, value, types }: Series) {
  return trx
    .selectFrom('events')
    .where('account', '=', account)
    .where(column, '=', value)
    .where('type', 'in', [...types]);
}
