import { sql } from 'kysely';
import { clientKeyOf, ofClient } from '../clients/listing.ts';
import { type EventSubject, type EventType, eventSubject } from '../events/catalogue.ts';
import { firstSeq, lastSeq } from '../events/log.ts';
import type { ConnectionOf, PageArguments } from '../graph/connections.ts';
import { type Context, loaderByKey, perOperation } from '../graph/context.ts';
import { cursorExpired } from '../graph/errors.ts';
import { type Condition, oneOf, ownClient, readRows } from '../storage/pages.ts';
import type { EventRow } from '../storage/tables.ts';
import { trunkByArgument } from '../trunks/listing.ts';

/** The log, newest first. A client's events are those of its trunks and of the numbers on them. */
export const eventRows: ConnectionOf<EventRow> = {
  name: 'events',
  listing: { source: sql.table('events'), keys: ['seq'], direction: 'desc', visible: ownClient },
};

export const eventBySeq = loaderByKey<number, EventRow>(
  (context, seqs) => readRows(context.account.storage, eventRows.listing, context.scope, 'seq', seqs),
  (row) => row.seq,
);

/** EventFilter of the graph. */
export interface EventFilter {
  readonly types?: readonly EventType[] | null | undefined;
  readonly trunk?: string | null | undefined;
  readonly number?: string | null | undefined;
  readonly client?: string | null | undefined;
}

/** The filter in SQL. A trunk that is not there, or not to be seen, has no events. */
export async function eventConditions(context: Context, filter: EventFilter | null | undefined): Promise<Condition[]> {
  const conditions: Condition[] = [];
  if (filter?.types != null) conditions.push(oneOf('type', filter.types));
  if (filter?.trunk != null) {
    const trunk = await trunkByArgument(context, filter.trunk);
    conditions.push(oneOf('trunk_key', trunk === null ? [] : [trunk.trunk_key]));
  }
  if (filter?.number != null) conditions.push(sql`e164 = ${filter.number}`);
  if (filter?.client != null) conditions.push(ofClient(clientKeyOf(filter.client)));
  return conditions;
}

/** What an event is about, and so which of the four types it has. What a listing showed is always a trunk's. */
export function subjectOf(event: EventRow): EventSubject {
  return event.source === 'RECONCILED' ? 'TRUNK' : eventSubject(event.type as EventType);
}

/** Where an event stands in the log, as `events(after:)` takes it, in pages and in subscriptions. */
export function eventCursor(context: Context, seq: number): string {
  return context.cursors.encode(context.scope.account, eventRows.name, [seq]);
}

/**
 * The place in the log that a cursor names. @throws BAD_USER_INPUT where it is none of this account's, CURSOR_EXPIRED where the log no
 * longer has what came after it, or never had it: a database that was put back from a copy gives its numbers to other events.
 */
export async function seqOfCursor(context: Context, cursor: string, argument = 'after'): Promise<number> {
  const seq = Number(context.cursors.decode(context.scope.account, eventRows.name, cursor, argument)[0]);
  const oldest = await oldestSeq(context);
  if (oldest !== null && seq < oldest - 1) throw cursorExpired(argument, eventCursor(context, oldest - 1));
  const newest = await lastSeq(context.account.storage.db, context.scope.account);
  if (seq > newest) throw cursorExpired(argument, eventCursor(context, newest));
  return seq;
}

/** To be called before a page of events is read: beyond the end of the log there would seem to be none. @throws as {@link seqOfCursor} */
export async function checkPlaces(context: Context, args: Pick<PageArguments, 'after' | 'before'>): Promise<void> {
  for (const argument of ['after', 'before'] as const) {
    const cursor = args[argument];
    if (cursor != null) await seqOfCursor(context, cursor, argument);
  }
}

const oldestSeq = perOperation(({ account, scope }) => firstSeq(account.storage.db, scope.account));
