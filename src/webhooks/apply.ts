import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import { eventSubject } from '../events/catalogue.ts';
import { appendEvent } from '../events/log.ts';
import { countedAt } from '../events/timeliness.ts';
import type { Tables } from '../storage/tables.ts';
import type { Delivery } from './delivery.ts';
import { type Effect, noEffect } from './effect.ts';
import { messageEffect } from './message-events.ts';
import { numberEffect } from './number-events.ts';
import { trunkEffect } from './trunk-events.ts';

/** What became of a delivery. */
export interface Recorded {
  readonly seq: number;
  readonly applied: boolean;
}

/**
 * Records a delivery and applies it, inside the transaction that does both; null where the same bytes were recorded before. An event
 * of the future is recorded as it is and applied as one of now: over what is older than its coming in, and never over what is newer.
 */
export async function recordDelivery(
  trx: Transaction<Tables>,
  account: Account,
  delivery: Delivery,
  receivedAt: number,
): Promise<Recorded | null> {
  const { links, applied, apply } = await effectOf(trx, account, delivery, receivedAt);
  const appended = await appendEvent(trx, account.id, {
    digest: delivery.digest,
    type: delivery.type,
    name: delivery.name,
    source: 'WEBHOOK',
    at: delivery.at,
    received_at: receivedAt,
    ...links,
    data: JSON.stringify(delivery.data),
    applied: applied ? 1 : 0,
  });
  if (appended === null) return null;
  await apply();
  return { seq: appended.seq, applied };
}

async function effectOf(
  trx: Transaction<Tables>,
  account: Account,
  delivery: Delivery,
  receivedAt: number,
): Promise<Effect> {
  const dated = { ...delivery, at: countedAt(delivery.at, receivedAt) };
  switch (eventSubject(delivery.type)) {
    case 'NUMBER':
      return numberEffect(trx, account, dated, receivedAt);
    case 'TRUNK':
      return trunkEffect(trx, account, dated, receivedAt);
    case 'MESSAGE':
      return messageEffect(trx, account, delivery, receivedAt);
    case 'UNKNOWN':
      return noEffect();
  }
}
