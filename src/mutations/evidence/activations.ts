import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import { clockTolerance, type LostCall } from '../../operations/evidence.ts';
import type { EventRow, Tables } from '../../storage/tables.ts';
import type { CheckoutResult } from '../checkout.ts';
import type { CheckoutEvidence } from './before-checkout.ts';
import { bookedWithin } from './debits.ts';

/** What `number.activated`, or the portal's list, said of a number: its order, null where it named none, and when (epoch milliseconds). */
export interface Activation {
  readonly e164: string;
  readonly orderId: number | null;
  readonly at: number;
}

/**
 * What events said of the numbers of a checkout since it was sent, one a number: of several the first that names an order.
 * @param others what other operations have bought: that is not of this one.
 */
export async function activationsOf(
  trx: Transaction<Tables>,
  account: Account,
  call: LostCall<CheckoutEvidence>,
  others: readonly CheckoutResult[],
): Promise<Activation[]> {
  const { known, sentAt } = call;
  const events = await trx
    .selectFrom('events')
    .select(['e164', 'order_id', 'at', 'data'])
    .where('account', '=', account.id)
    .where('e164', 'in', known.numbers)
    .where('type', '=', 'NUMBER_ACTIVATED')
    .where('received_at', '>=', sentAt)
    .where('at', '>=', sentAt - clockTolerance)
    .orderBy('seq')
    .execute();
  const told = events.flatMap((event) =>
    event.e164 === null ? [] : [{ e164: event.e164, orderId: namedOrder(event), at: event.at }],
  );
  return ofThis(trx, account, call, { told, others });
}

/** The numbers that are the account's by now and were not before the checkout, whichever way that became known: an import tells it as well. */
export async function ownedSince(
  trx: Transaction<Tables>,
  account: Account,
  call: LostCall<CheckoutEvidence>,
  others: readonly CheckoutResult[],
): Promise<Activation[]> {
  const { numbers, former = [] } = call.known;
  const rows = await trx
    .selectFrom('numbers')
    .select(['e164', 'order_id', 'status_since'])
    .where('account', '=', account.id)
    .where('e164', 'in', numbers)
    .where('status', '<>', 'RELEASED')
    .execute();
  const fresh = rows.filter(({ e164 }) => former.every((row) => row.e164 !== e164 || row.status === 'RELEASED'));
  const told = fresh.map((row) => ({ e164: row.e164, orderId: row.order_id, at: row.status_since ?? call.sentAt }));
  return ofThis(trx, account, call, { told, others });
}

/** Of what was told, what may be of this checkout; one a number. */
async function ofThis(
  trx: Transaction<Tables>,
  account: Account,
  { known, sentAt }: LostCall<CheckoutEvidence>,
  { told, others }: { readonly told: readonly Activation[]; readonly others: readonly CheckoutResult[] },
): Promise<Activation[]> {
  // One of an order that the numbers came from before was only late.
  const later = await ordersBookedLater(
    trx,
    account,
    told.flatMap(({ orderId }) => orderId ?? []),
    sentAt,
  );
  const isOthers = (orderId: number) => known.orders.includes(orderId) || later.has(orderId);
  const bought = new Set(others.flatMap(({ numbers }) => numbers));
  const fresh = told.filter(({ e164, orderId }) => !bought.has(e164) && (orderId === null || !isOthers(orderId)));
  return known.numbers.flatMap((e164) => {
    const own = fresh.filter((each) => each.e164 === e164);
    return own.find(({ orderId }) => orderId !== null) ?? own[0] ?? [];
  });
}

/** Whether the transaction of an order is known by now. */
export async function isBooked(trx: Transaction<Tables>, account: Account, orderId: number): Promise<boolean> {
  const row = await trx
    .selectFrom('transactions')
    .select('transaction_id')
    .where('account', '=', account.id)
    .where('order_id', '=', orderId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Orders that were paid so long after the checkout was sent that they are not of it: the numbers were bought again elsewhere. */
async function ordersBookedLater(
  trx: Transaction<Tables>,
  account: Account,
  orders: readonly number[],
  sentAt: number,
): Promise<ReadonlySet<number>> {
  if (orders.length === 0) return new Set();
  const rows = await trx
    .selectFrom('transactions')
    .select(['order_id', (eb) => eb.fn.min('sort_at').as('first')])
    .where('account', '=', account.id)
    .where('order_id', 'in', orders)
    .groupBy('order_id')
    .execute();
  return new Set(
    rows.filter(({ first }) => Number(first) > sentAt + bookedWithin).flatMap(({ order_id }) => order_id ?? []),
  );
}

/** Other numbers that events say came with an order: a checkout buys all of its numbers in one, and nothing else. */
export async function othersOfOrder(
  trx: Transaction<Tables>,
  account: Account,
  orderId: number,
  numbers: readonly string[],
): Promise<string[]> {
  const events = await trx
    .selectFrom('events')
    .select(['e164', 'order_id', 'data'])
    .where('account', '=', account.id)
    .where('type', '=', 'NUMBER_ACTIVATED')
    .where('order_id', '=', orderId)
    .execute();
  const named = events.filter((event) => namedOrder(event) === orderId).flatMap(({ e164 }) => e164 ?? []);
  return [...new Set(named)].filter((e164) => !numbers.includes(e164));
}

/** The log links an event that names no order to the one its number is thought to come from: that is no evidence of it. */
function namedOrder({ order_id, data }: Pick<EventRow, 'order_id' | 'data'>): number | null {
  const named = (JSON.parse(data) as Readonly<Record<string, unknown>>)['order_id'];
  return order_id !== null && named != null && Number(named) === order_id ? order_id : null;
}
