import { sql } from 'kysely';
import type { ConnectionOf } from '../graph/connections.ts';
import { loaderByKey } from '../graph/context.ts';
import { searched } from '../graph/searched.ts';
import { type Condition, containsIn, type Filter, ownClient, readRows, searchedFor } from '../storage/pages.ts';
import type { MessageRow } from '../storage/tables.ts';

/** MessageDirection of the graph. */
export type MessageDirection = 'INBOUND' | 'OUTBOUND';
/** MessageStatus of the graph. */
export type MessageStatus = 'QUEUED' | 'SENT' | 'DELIVERED' | 'FAILED' | 'RECEIVED' | 'UNKNOWN';

/** Texts, newest first. A client's are those that passed while the number was on one of its trunks. */
export const messageRows: ConnectionOf<MessageRow> = {
  name: 'messages',
  listing: { source: sql.table('messages'), keys: ['at', 'message_id'], direction: 'desc', visible: ownClient },
};

export const messageById = loaderByKey<string, MessageRow>(
  (context, ids) => readRows(context.account.storage, messageRows.listing, context.scope, 'message_id', ids),
  (row) => row.message_id,
);

/** MessageFilter of the graph. */
export interface MessageFilter {
  readonly direction?: MessageDirection | null | undefined;
  readonly number?: string | null | undefined;
  readonly from?: Date | null | undefined;
  readonly to?: Date | null | undefined;
  readonly search?: string | null | undefined;
}

const searchedIn = ['body', 'sender', 'recipient'];

export function messageConditions(filter: MessageFilter | null | undefined): Filter {
  const indexed: Condition[] = [];
  const others: Condition[] = [];
  if (filter?.from != null) indexed.push(sql`at >= ${filter.from.getTime()}`);
  if (filter?.to != null) indexed.push(sql`at < ${filter.to.getTime()}`);
  if (filter?.direction != null) others.push(sql`direction = ${filter.direction}`);
  if (filter?.number != null) others.push(sql`(sender = ${filter.number} or recipient = ${filter.number})`);
  return searchedFor(containsIn(searchedIn, searched(filter?.search)), indexed, others);
}
