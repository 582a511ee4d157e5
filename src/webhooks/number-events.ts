import { type SqlBool, sql, type Transaction } from 'kysely';
import type { Account } from '../account.ts';
import { type EventType, numberStatusTypes } from '../events/catalogue.ts';
import { isNoOlder, isTimely, knownSince } from '../events/timeliness.ts';
import { learnOfKnown, type NumberFacts, type NumberStatus, type RegulatoryStatus } from '../numbers/numbers.ts';
import { oneOf } from '../storage/pages.ts';
import type { NumberRow, Tables, TrunkRow } from '../storage/tables.ts';
import type { Delivery } from './delivery.ts';
import { type Effect, noEffect } from './effect.ts';
import { isNewest, type Series, settleSince } from './ordering.ts';
import { type NumberPayload, readNumberPayload } from './payloads.ts';
import { findTrunk } from './trunk-events.ts';

const statuses: Partial<Readonly<Record<EventType, NumberStatus>>> = {
  NUMBER_ACTIVATED: 'ACTIVE',
  NUMBER_SUSPENDED: 'SUSPENDED',
  NUMBER_RELEASED: 'RELEASED',
};

const tellsNumberStatus = sql<SqlBool>`${oneOf('type', numberStatusTypes)}`;
const statusOf: Series['statusOf'] = ({ type }) => statuses[type as EventType] ?? null;

const regulatory: Partial<Readonly<Record<EventType, RegulatoryStatus>>> = {
  REGULATORY_APPROVED: 'APPROVED',
  REGULATORY_REJECTED: 'REJECTED',
};

/** `number.*` and `regulatory.*`: status, documents, order and routing of a number, by the event's own time. */
export async function numberEffect(
  trx: Transaction<Tables>,
  account: Account,
  delivery: Delivery,
  receivedAt: number,
): Promise<Effect> {
  const payload = readNumberPayload(delivery.data);
  const before = await findNumber(trx, account, payload);
  const e164 = payload.e164 ?? before?.e164;
  if (e164 === undefined) return noEffect();
  const routed = { uuid: payload.trunkUuid, sipTrunkId: null };
  const trunk = await findTrunk(trx, account, routed, receivedAt);
  const links = {
    e164,
    trunk_key: trunk?.trunk_key ?? before?.trunk_key ?? null,
    client_key: trunk?.client_key ?? before?.client_key ?? null,
    order_id: payload.orderId ?? before?.order_id ?? null,
    message_id: null,
  };
  if (!isTimely(delivery.at, receivedAt)) return noEffect(links);
  const series: Series = { account: account.id, table: 'numbers', key: e164, told: tellsNumberStatus, statusOf };
  const applied = await isCurrent(trx, series, before, delivery, receivedAt);
  const misdated = before?.status_since != null && knownSince(before.status_since, receivedAt) === null;
  return {
    links,
    applied,
    async apply() {
      if (payload.orderId !== null) await learnOrder(trx, account, payload.orderId, delivery.at);
      const facts = {
        e164,
        ...stated(payload, before, applied),
        ...since(delivery, before, applied),
        ...routing(trunk, delivery),
      };
      await learnOfKnown(trx, account, before === undefined ? [] : [before], [facts]);
      if (!applied || misdated) await settleSince(trx, series, receivedAt);
    },
  };
}

/** The number that a payload names, as it is known. */
export async function findNumber(
  trx: Transaction<Tables>,
  account: Account,
  { e164, didNumberId }: Pick<NumberPayload, 'e164' | 'didNumberId'>,
): Promise<NumberRow | undefined> {
  const known = trx.selectFrom('numbers').selectAll().where('account', '=', account.id);
  if (e164 !== null) return known.where('e164', '=', e164).executeTakeFirst();
  return didNumberId === null ? undefined : known.where('did_number_id', '=', didNumberId).executeTakeFirst();
}

/**
 * Whether an event says how things are now. What the gateway did itself bears its own clock's time: a number that it saw bought or
 * whose documents it sent is past that once DIDfarm says so, whichever clock is ahead.
 */
async function isCurrent(
  trx: Transaction<Tables>,
  series: Series,
  before: NumberRow | undefined,
  { type, at }: Delivery,
  now: number,
): Promise<boolean> {
  if (regulatory[type] !== undefined)
    return before?.regulatory_status === 'SUBMITTED' || isNoOlder(at, before?.regulatory_since, now);
  const follows = type === 'NUMBER_ACTIVATED' && before?.status === 'PROVISIONING';
  return (follows || isNoOlder(at, before?.status_since, now)) && (await isNewest(trx, series, at, now));
}

/** What has no time of its own: an event that is not the newest only fills in what is not known. */
function stated(payload: NumberPayload, before: NumberRow | undefined, applied: boolean): Partial<NumberFacts> {
  const unlessKnown = <T>(value: T | null, known: unknown): T | undefined =>
    value !== null && (applied || known == null) ? value : undefined;
  return {
    didNumberId: unlessKnown(payload.didNumberId, before?.did_number_id),
    country: unlessKnown(payload.country, before?.country),
    rawType: unlessKnown(payload.rawType, before?.raw_type),
    orderId: unlessKnown(payload.orderId, before?.order_id),
  };
}

function since({ type, at }: Delivery, before: NumberRow | undefined, applied: boolean): Partial<NumberFacts> {
  if (!applied) return {};
  const status = statuses[type];
  const documents = regulatory[type];
  return {
    ...(status && { status: { value: status, at: Math.max(at, before?.status_since ?? at) } }),
    ...(documents && { regulatory: { value: documents, at: Math.max(at, before?.regulatory_since ?? at) } }),
  };
}

/** An event without a trunk says nothing about where the calls go. */
function routing(trunk: TrunkRow | null, { at }: Delivery): Partial<NumberFacts> {
  return trunk === null ? {} : { trunk: { value: { key: trunk.trunk_key, client: trunk.client_key }, at } };
}

/** An order that is only heard of: what it cost is told by its transaction. */
async function learnOrder(trx: Transaction<Tables>, account: Account, orderId: number, at: number): Promise<void> {
  await trx
    .insertInto('orders')
    .values({ account: account.id, order_id: orderId, placed_at: at, total: null, requires_regulatory: 0 })
    .onConflict((conflict) => conflict.columns(['account', 'order_id']).doNothing())
    .execute();
}
