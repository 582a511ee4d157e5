import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import { learnNumbers, type NumberFacts, rawNumberType } from '../../numbers/numbers.ts';
import type { LostCall } from '../../operations/evidence.ts';
import type { Tables } from '../../storage/tables.ts';
import type { CheckoutResult } from '../checkout.ts';
import type { CheckoutEvidence, ItemToBuy } from './before-checkout.ts';

type LostCheckout = LostCall<CheckoutEvidence>;

/** What is known of a checkout that was done. */
export interface Trace {
  /** The order; where DIDfarm booked its numbers apart, the first of them. */
  readonly orderId: number;
  /** EUR, positive decimal; null where its transaction is not known. */
  readonly paid: string | null;
  /** Epoch milliseconds. */
  readonly at: number | null;
  /** The orders of numbers that an event named. The others came with {@link orderId}, unless several orders were named. */
  readonly named: ReadonlyMap<string, number>;
}

/** The order and its numbers, as far as their trace and the search before tell; what events have said of them stays. */
export async function learnTrace(
  trx: Transaction<Tables>,
  account: Account,
  call: LostCheckout,
  trace: Trace,
): Promise<CheckoutResult> {
  const { items } = call.known;
  const isOne = new Set([...trace.named.values(), trace.orderId]).size === 1;
  const orderOf = ({ e164 }: ItemToBuy) => trace.named.get(e164) ?? (isOne ? trace.orderId : null);
  const byOrder = Map.groupBy(items, orderOf);
  // What was taken for one order before may turn out to be several.
  await forgetItems(trx, account, call.known.numbers, [trace.orderId, ...trace.named.values()]);
  for (const [orderId, ordered] of byOrder)
    if (orderId !== null)
      await learnOrder(
        trx,
        account,
        call,
        { orderId, at: trace.at, total: isOne ? (trace.paid ?? call.known.total) : null },
        ordered,
      );
  const told = await toldSince(trx, account, call);
  await learnNumbers(
    trx,
    account,
    items.map((item) => factsOf(item, call, { orderId: orderOf(item), at: trace.at, ...told(item.e164) })),
  );
  return { orderId: trace.orderId, numbers: items.map(({ e164 }) => e164) };
}

/** Takes an order that was another's out of the picture again, as far as nothing else tells that the numbers were bought. */
export async function forgetTrace(
  trx: Transaction<Tables>,
  account: Account,
  { known }: LostCheckout,
  orderId: number,
): Promise<void> {
  await forgetItems(trx, account, known.numbers, [orderId]);
  const guessed = trx
    .selectFrom('numbers')
    .select('e164')
    .where('account', '=', account.id)
    .where('e164', 'in', known.numbers)
    .where('order_id', '=', orderId);
  for (const { e164 } of await guessed.execute()) {
    const former = known.former?.find((each) => each.e164 === e164);
    if (former === undefined)
      await trx.deleteFrom('numbers').where('account', '=', account.id).where('e164', '=', e164).execute();
    else
      await trx.updateTable('numbers').set(former).where('account', '=', account.id).where('e164', '=', e164).execute();
  }
}

/** The numbers were not items of these orders, or that is to be said anew. */
export async function forgetItems(
  trx: Transaction<Tables>,
  account: Account,
  numbers: readonly string[],
  orderIds: readonly number[],
): Promise<void> {
  await trx
    .deleteFrom('order_items')
    .where('account', '=', account.id)
    .where('order_id', 'in', orderIds)
    .where('e164', 'in', numbers)
    .execute();
}

async function learnOrder(
  trx: Transaction<Tables>,
  account: Account,
  { known: { offers = [] }, sentAt }: LostCheckout,
  { orderId, total, at }: Pick<Trace, 'orderId' | 'at'> & { readonly total: string | null },
  items: readonly ItemToBuy[],
): Promise<void> {
  const offered = items.map(({ e164 }) => offers.find(({ number }) => number === e164));
  // The graph has no third answer: what no search told is not said to need documents.
  const regulatory = offered.some((offer) => offer?.requiresRegulatory === true) ? 1 : 0;
  await trx
    .insertInto('orders')
    .values({ account: account.id, order_id: orderId, placed_at: at ?? sentAt, total, requires_regulatory: regulatory })
    .onConflict((conflict) =>
      conflict.columns(['account', 'order_id']).doUpdateSet((eb) => ({
        total: eb.fn.coalesce('orders.total', 'excluded.total'),
        ...(regulatory === 1 && { requires_regulatory: regulatory }),
      })),
    )
    .execute();
  await trx
    .insertInto('order_items')
    .values(
      items.map(({ e164 }, index) => ({
        account: account.id,
        order_id: orderId,
        e164,
        did_number_id: null,
        monthly_rate: offered[index]?.monthlyRate ?? null,
        setup_fee: offered[index]?.setupFee ?? null,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Whether events have said by now where a number, or its documents, are: whatever is not as it was before the checkout. */
async function toldSince(
  trx: Transaction<Tables>,
  account: Account,
  { known }: LostCheckout,
): Promise<(e164: string) => Pick<Told, 'status' | 'documents'>> {
  const rows = await trx
    .selectFrom('numbers')
    .selectAll()
    .where('account', '=', account.id)
    .where('e164', 'in', known.numbers)
    .execute();
  return (e164) => {
    const now = rows.find((row) => row.e164 === e164);
    const before = known.former?.find((row) => row.e164 === e164);
    const isNew = (column: 'status' | 'regulatory_status', since: 'status_since' | 'regulatory_since') =>
      now !== undefined &&
      !['UNKNOWN', 'PROVISIONING', 'REQUIRED', 'NOT_REQUIRED'].includes(now[column]) &&
      (now[column] !== before?.[column] || now[since] !== before[since]);
    return { status: isNew('status', 'status_since'), documents: isNew('regulatory_status', 'regulatory_since') };
  };
}

interface Told {
  readonly orderId: number | null;
  readonly at: number | null;
  /** Whether an event has told of its status, and of its documents. */
  readonly status: boolean;
  readonly documents: boolean;
}

function factsOf(
  { e164, country, type }: ItemToBuy,
  { known: { offers = [] }, sentAt }: LostCheckout,
  { orderId, at, status, documents }: Told,
): NumberFacts {
  const offer = offers.find(({ number }) => number === e164);
  return {
    e164,
    country,
    rawType: rawNumberType(type) ?? undefined,
    city: offer?.city ?? undefined,
    smsEnabled: offer?.smsEnabled,
    monthlyRate: offer?.monthlyRate,
    setupFee: offer?.setupFee,
    orderId: orderId ?? undefined,
    ...(!status && { status: { value: 'PROVISIONING', at: at ?? sentAt } }),
    ...(offer &&
      !documents && { regulatory: { value: offer.requiresRegulatory ? 'REQUIRED' : 'NOT_REQUIRED', at: sentAt } }),
  };
}
