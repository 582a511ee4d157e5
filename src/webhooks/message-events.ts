import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import { learnNumbers } from '../numbers/numbers.ts';
import type { MessageRow, NumberRow, Tables } from '../storage/tables.ts';
import type { Delivery } from './delivery.ts';
import { type Effect, noEffect } from './effect.ts';
import { findNumber } from './number-events.ts';
import { asE164, type MessagePayload, readMessagePayload } from './payloads.ts';
import { findTrunk } from './trunk-events.ts';

/** Characters. PostgreSQL refuses what makes an entry of an index longer than 2,704 bytes; a longer id goes by its digest. */
const longestId = 200;

type Owner = Pick<MessageRow, 'trunk_key' | 'client_key'>;

/**
 * `message.received`: a text is kept whatever its timestamp says, since it takes the place of nothing that is newer.
 * A payload that cannot be read is recorded as it came.
 */
export async function messageEffect(
  trx: Transaction<Tables>,
  account: Account,
  delivery: Delivery,
  receivedAt: number,
): Promise<Effect> {
  const payload = readMessagePayload(delivery.data);
  if (payload === null) return noEffect();
  const e164 = asE164(payload.to);
  const number = await findNumber(trx, account, { e164, didNumberId: null });
  const owner = await ownerThen(trx, account, payload, number, delivery.at, receivedAt);
  const message = received(account, payload, await freeId(trx, account, payload, delivery), delivery.at, e164, owner);
  return {
    links: { e164, ...owner, order_id: null, message_id: message.message_id },
    applied: true,
    async apply() {
      if (e164 !== null && number === undefined) await learnNumbers(trx, account, [{ e164 }]);
      await trx
        .insertInto('messages')
        .values(message)
        .onConflict((conflict) => conflict.columns(['account', 'message_id']).doNothing())
        .execute();
    },
  };
}

/** Whose number it was when the text came: what the event says, or what was known by then. */
async function ownerThen(
  trx: Transaction<Tables>,
  account: Account,
  { trunkUuid }: MessagePayload,
  number: NumberRow | undefined,
  at: number,
  receivedAt: number,
): Promise<Owner> {
  const told = await findTrunk(trx, account, { uuid: trunkUuid, sipTrunkId: null }, receivedAt);
  if (told !== null) return { trunk_key: told.trunk_key, client_key: told.client_key };
  return number === undefined || (number.trunk_since ?? at) > at
    ? { trunk_key: null, client_key: null }
    : { trunk_key: number.trunk_key, client_key: number.client_key };
}

/** The digest takes the place of an id that is missing, or that another text carries already (ids of texts sent may be counted apart). */
async function freeId(
  trx: Transaction<Tables>,
  account: Account,
  { messageId: told, from, to, body }: MessagePayload,
  { digest }: Delivery,
): Promise<string> {
  if (told === null) return digest;
  const messageId = told.length <= longestId ? told : createHash('sha256').update(told).digest('hex');
  const known = await trx
    .selectFrom('messages')
    .select(['sender', 'recipient', 'body'])
    .where('account', '=', account.id)
    .where('message_id', '=', messageId)
    .executeTakeFirst();
  const same = known === undefined || (known.sender === from && known.recipient === to && known.body === body);
  return same ? messageId : digest;
}

function received(
  account: Account,
  { from, to, body, segments }: MessagePayload,
  messageId: string,
  at: number,
  e164: string | null,
  owner: Owner,
): MessageRow {
  return {
    account: account.id,
    message_id: messageId,
    direction: 'INBOUND',
    sender: from,
    recipient: to,
    body,
    status: 'RECEIVED',
    raw_status: null,
    segments,
    cost: null,
    currency: null,
    at,
    e164,
    ...owner,
  };
}
