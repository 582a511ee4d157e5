import Big from 'big.js';
import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import { learnNumbers, rawNumberType } from '../../numbers/numbers.ts';
import { type Evidence, type LostCall, openCalls } from '../../operations/evidence.ts';
import type { Tables, TransactionRow } from '../../storage/tables.ts';
import type { CheckoutEvidence } from './before-checkout.ts';

type LostCheckout = LostCall<CheckoutEvidence>;

/** An order that may be the one whose answer was lost. */
interface Trace {
  readonly orderId: number;
  /** EUR, positive decimal; null where its transaction is not known. */
  readonly paid: string | null;
  /** Epoch milliseconds. */
  readonly at: number | null;
}

/** A trace is not older than this before the sending, whatever DIDfarm's clock says. Milliseconds. */
const oldestTrace = 6 * 3_600_000;

/** A checkout shows in `number.activated` of its numbers, and as a transaction that refers to an order which nothing else explains. */
export const checkoutEvidence: Evidence<CheckoutEvidence> = {
  source: 'transactions',
  async judge(trx, account, call) {
    const told = await orderToldOf(trx, account, call);
    const traces = told === null ? await unexplainedOrders(trx, account, call) : [told];
    const [trace] = traces;
    if (trace === undefined) return { says: 'nothing' };
    if (told === null && (traces.length > 1 || (await mayBeAnothers(trx, account, call, trace))))
      return { says: 'unclear' };
    return { says: 'happened', apply: () => learnTrace(trx, account, call, trace) };
  },
};

/** The order that an event about one of the numbers named, which came after the call was sent. */
async function orderToldOf(
  trx: Transaction<Tables>,
  account: Account,
  { known, sentAt }: LostCheckout,
): Promise<Trace | null> {
  const event = await trx
    .selectFrom('events')
    .select(['order_id', 'at'])
    .where('account', '=', account.id)
    .where('e164', 'in', known.numbers)
    .where('type', '=', 'NUMBER_ACTIVATED')
    .where('received_at', '>=', sentAt)
    .where('at', '>=', sentAt - oldestTrace)
    .where('order_id', 'is not', null)
    .executeTakeFirst();
  if (event === undefined || event.order_id === null) return null;
  const paid = await payments(trx, account).where('order_id', '=', event.order_id).executeTakeFirst();
  return paid === undefined ? { orderId: event.order_id, paid: null, at: event.at } : traceOf(paid, event.order_id);
}

/** Orders paid since then of which no number is known: neither a checkout's answer nor an event explains them. */
async function unexplainedOrders(
  trx: Transaction<Tables>,
  account: Account,
  { known: { since, newest, total }, sentAt }: LostCheckout,
): Promise<Trace[]> {
  const rows = await payments(trx, account)
    .where('sort_at', '>=', Math.max(since ?? 0, sentAt - oldestTrace))
    .where('transaction_id', '!=', newest ?? '')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('order_items')
            .select('order_items.e164')
            .whereRef('order_items.account', '=', 'transactions.account')
            .whereRef('order_items.order_id', '=', 'transactions.order_id'),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('numbers')
            .select('numbers.e164')
            .whereRef('numbers.account', '=', 'transactions.account')
            .whereRef('numbers.order_id', '=', 'transactions.order_id'),
        ),
      ),
    )
    .execute();
  return rows
    .flatMap((row) => (row.order_id === null ? [] : [traceOf(row, row.order_id)]))
    .filter((trace) => costs(total, trace));
}

/** What was paid for orders, newest first. */
function payments(trx: Transaction<Tables>, account: Account) {
  return trx
    .selectFrom('transactions')
    .selectAll()
    .where('account', '=', account.id)
    .where('reference_type', '=', 'ORDER')
    .where('order_id', 'is not', null)
    .where('amount_e8', '<', 0)
    .orderBy('sort_at', 'desc');
}

const traceOf = (row: TransactionRow, orderId: number): Trace => ({
  orderId,
  paid: new Big(row.amount).abs().toFixed(Math.max(2, row.amount.split('.')[1]?.length ?? 0)),
  at: row.created_at,
});

/** Whether an order may have cost this; where one of the two is not known it may. */
function costs(total: string | null, { paid }: Trace): boolean {
  return total === null || paid === null || new Big(total).eq(paid);
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
      costs(other.known.total, trace),
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
