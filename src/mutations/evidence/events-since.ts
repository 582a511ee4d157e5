import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import type { Tables } from '../../storage/tables.ts';

/** DIDfarm's timestamps may be whole seconds. Milliseconds. */
const precision = 1_000;

export interface EventSince {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What events have said of a number since a call was sent, newest first, by their own time: one that was late is none. */
export async function eventsSince(
  trx: Transaction<Tables>,
  account: Account,
  e164: string,
  sentAt: number,
): Promise<EventSince[]> {
  const rows = await trx
    .selectFrom('events')
    .select(['type', 'data'])
    .where('account', '=', account.id)
    .where('e164', '=', e164)
    .where('received_at', '>=', sentAt)
    .where('at', '>=', sentAt - precision)
    .orderBy('at', 'desc')
    .orderBy('seq', 'desc')
    .execute();
  return rows.map(({ type, data }) => ({ type, data: JSON.parse(data) }));
}
