import Big from 'big.js';
import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import { learnNumbers, rawNumberType } from '../../numbers/numbers.ts';
import { clockTolerance, type Evidence, type LostCall, openCalls } from '../../operations/evidence.ts';
import type { Tables, TransactionRow } from '../../storage/tables.ts';
import type { CheckoutEvidence } from './before-checkout.ts';
import { debitsSince } from './debits.ts';

type LostCheckout = LostCall<CheckoutEvidence>;

/** An order that may be the one whose answer was lost. */
interface Trace {
  readonly orderId: number;
  /** EUR, positive decimal; null where its transaction is not known. */
  readonly paid: string | null;
  /** Epoch milliseconds. */
  readonly at: number | null;
}

/**
 * A checkout shows in `number.activated` of its numbers, and as a debit with an order that nothing else explains and that cost what it
 * would. A debit that may be it and may be another's, or an event that names no order, settles nothing: neither that it happened, nor
 * that it did not.
 */
export const checkoutEvidence: Evidence<CheckoutEvidence> = {
  source: 'transactions',
  async judge(trx, account, call) {
    const { known, sentAt } = call;
    const debits = await debitsSince(trx, account, sentAt, known.debits);
    const told = await activationOf(trx, account, call);
    if (told !== null && told.orderId !== null) {
      const paid = debits.find((row) => row.order_id === told.orderId);
      const trace =
        paid === undefined ? { orderId: told.orderId, paid: null, at: told.at } : traceOf(paid, told.orderId);
      return { says: 'happened', apply: () => learnTrace(trx, account, call, trace) };
    }
    const owners = await ownersOfOrders(trx, account, debits);
    const open = debits.filter((row) => !isExplained(row, owners, known.numbers));
    const [trace, ...others] = open.flatMap((row) => (row.order_id === null ? [] : [traceOf(row, row.order_id)]));
    const isCertain =
      trace !== undefined &&
      others.length === 0 &&
      open.length === 1 &&
      costs(known.total, trace) &&
      !(await mayBeAnothers(trx, account, call, trace));
    if (isCertain) return { says: 'happened', apply: () => learnTrace(trx, account, call, trace) };
    return { says: open.length === 0 && told === null ? 'nothing' : 'unclear' };
  },
};

/** The order that an event about one of the numbers named, of the time since the call was sent; null in it where it named none. */
async function activationOf(
  trx: Transaction<Tables>,
  account: Account,
  { known, sentAt }: LostCheckout,
): Promise<{ readonly orderId: number | null; readonly at: number } | null> {
  const events = await trx
    .selectFrom('events')
    .select(['order_id', 'at'])
    .where('account', '=', account.id)
    .where('e164', 'in', known.numbers)
    .where('type', '=', 'NUMBER_ACTIVATED')
    .where('received_at', '>=', sentAt)
    .where('at', '>=', sentAt - clockTolerance)
    .orderBy('seq')
    .execute();
  // One of an order that the numbers came from before was only late.
  const fresh = events.filter(({ order_id }) => order_id === null || !known.orders.includes(order_id));
  const naming = fresh.find(({ order_id }) => order_id !== null) ?? fresh[0];
  return naming === undefined ? null : { orderId: naming.order_id, at: naming.at };
}

/** The numbers that orders are known to have bought, by answers and events. */
async function ownersOfOrders(
  trx: Transaction<Tables>,
  account: Account,
  debits: readonly TransactionRow[],
): Promise<ReadonlySet<number>> {
  const orders = debits.flatMap(({ order_id }) => order_id ?? []);
  if (orders.length === 0) return new Set();
  const rows = await Promise.all(
    (['order_items', 'numbers'] as const).map((table) =>
      trx
        .selectFrom(table)
        .select('order_id')
        .where('account', '=', account.id)
        .where('order_id', 'in', orders)
        .execute(),
    ),
  );
  return new Set(rows.flat().flatMap(({ order_id }) => order_id ?? []));
}

/** A debit that is certainly something else: an order whose numbers are known, or what another number or a trunk cost. */
function isExplained(row: TransactionRow, owners: ReadonlySet<number>, bought: readonly string[]): boolean {
  if (row.reference_type === 'ORDER') return row.order_id !== null && owners.has(row.order_id);
  if (row.reference_type === 'NUMBER') return row.e164 !== null && !bought.includes(row.e164);
  return row.reference_type === 'TRUNK' && row.trunk_key !== null;
}

const traceOf = (row: TransactionRow, orderId: number): Trace => ({
  orderId,
  paid: new Big(row.amount).abs().toFixed(Math.max(2, row.amount.split('.')[1]?.length ?? 0)),
  at: row.created_at,
});

/** Whether an order cost what was to be paid, where both are known. */
function costs(total: string | null, { paid }: Trace): boolean {
  return total !== null && paid !== null && new Big(total).eq(paid);
}

/** Another checkout whose end is not recorded would leave the same trace. */
async function mayBeAnothers(
  trx: Transaction<Tables>,
  account: Account,
  { key }: LostCheckout,
  trace: Trace,
): Promise<boolean> {
  const open = (await openCalls(trx, account, 'checkout')) as LostCheckout[];
  return open.some(
    (other) =>
      (other.key.viewer !== key.viewer || other.key.idempotencyKey !== key.idempotencyKey) &&
      (other.known.total === null || costs(other.known.total, trace)),
  );
}

/** The order and its numbers, as far as the trace tells; what events have said of them stays. Gives what the answer would have given. */
async function learnTrace(
  trx: Transaction<Tables>,
  account: Account,
  { known: { items, total }, sentAt }: LostCheckout,
  { orderId, paid, at }: Trace,
): Promise<{ orderId: number; numbers: string[] }> {
  const order = { account: account.id, order_id: orderId, placed_at: at ?? sentAt, total: paid ?? total };
  await trx
    .insertInto('orders')
    .values({ ...order, requires_regulatory: 0 })
    .onConflict((conflict) =>
      conflict
        .columns(['account', 'order_id'])
        .doUpdateSet((eb) => ({ total: eb.fn.coalesce('orders.total', 'excluded.total') })),
    )
    .execute();
  const unpriced = { did_number_id: null, monthly_rate: null, setup_fee: null };
  await trx
    .insertInto('order_items')
    .values(items.map(({ e164 }) => ({ account: account.id, order_id: orderId, e164, ...unpriced })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const told = await trx
    .selectFrom('numbers')
    .select('e164')
    .where('account', '=', account.id)
    .where('order_id', '=', orderId)
    .execute();
  const bought = { value: 'PROVISIONING', at: at ?? sentAt } as const;
  await learnNumbers(
    trx,
    account,
    items.map(({ e164, country, type }) => ({
      e164,
      country,
      rawType: rawNumberType(type) ?? undefined,
      orderId,
      ...(!told.some((row) => row.e164 === e164) && { status: bought }),
    })),
  );
  return { orderId, numbers: items.map(({ e164 }) => e164) };
}
