import { z } from 'zod';
import type { Call, Route } from '../http/router.ts';
import type { Answer } from '../http/wire.ts';
import type { Order } from '../world/orders.ts';
import { askedPage } from './paging.ts';
import { validate } from './validation.ts';

/** Connect guide, "Check Wallet Balance": published without an envelope. Euros. */
const balance: Route = {
  method: 'GET',
  path: '/wallet/balance',
  handle({ account, wire }) {
    const amount = wire.euros(account.wallet.balance(), wire.variants.balanceAs);
    return { status: 200, body: wire.resource('balance', { balance: amount, currency: 'EUR' }) };
  },
};

/** Connect guide, "Billing per Client": newest first. Amounts are signed euros, negative for a debit. */
const transactions: Route = {
  method: 'GET',
  path: '/wallet/transactions',
  handle(call) {
    const { account, wire } = call;
    const page = askedPage(call, account.wallet.count());
    const rows = account.wallet.newest(page.offset, page.perPage).map((row) =>
      wire.resource('transaction', {
        id: row.id,
        amount: wire.euros(row.amount, wire.variants.amountsAs),
        currency: 'EUR',
        type: wire.word(row.type, 'loyalty_bonus'),
        description: row.description,
        reference_type: row.referenceType && wire.word(row.referenceType, 'invoice'),
        reference_id: row.referenceId,
        created_at: wire.time(row.createdAt),
      }),
    );
    return { status: 200, body: wire.list(rows, page) };
  },
};

const checkoutSchema = z.object({
  items: z
    .array(z.object({ number: z.string(), country: z.string().toUpperCase(), type: z.string() }))
    .min(1)
    .max(100),
});

/** Connect guide, "Purchase a Number". Where the answer carries `requires_regulatory` is a variant. */
const checkout: Route = {
  method: 'POST',
  path: '/wallet/checkout',
  handle: (call) => answerOrder(call, call.account.orders.checkout(validate(checkoutSchema, call.body).items)),
};

function answerOrder({ wire, account }: Call, order: Order): Answer {
  const place = wire.variants.requiresRegulatory;
  const flag = (where: typeof place, value: boolean) => (place === where ? { requires_regulatory: value } : {});
  const items = order.numbers.map((number) =>
    wire.resource('item', {
      did_number_id: number.id,
      number: number.e164,
      country: number.country,
      type: wire.word(number.type, 'shared-cost'),
      city: number.city,
      status: wire.word(number.status, 'porting'),
      monthly_rate: wire.cents(number.monthlyRateCents),
      setup_fee: wire.cents(number.setupFeeCents),
      sms_enabled: number.smsEnabled,
      ...flag('item', number.regulatoryStatus === 'required'),
    }),
  );
  const regulatory = order.numbers.some((number) => number.regulatoryStatus === 'required');
  const data = wire.resource('order', {
    order_id: order.id,
    status: wire.word('completed', 'awaiting_carrier'),
    total: wire.euros(-order.transaction.amount, 'string'),
    currency: 'EUR',
    balance: wire.euros(account.wallet.balance(), wire.variants.balanceAs),
    items,
    created_at: wire.time(order.transaction.createdAt),
    ...flag('data', regulatory),
  });
  return { status: 201, body: wire.one(data, flag('top', regulatory)) };
}

/** Calls about the wallet: balance, transactions, checkout. */
export const walletRoutes: readonly Route[] = [balance, transactions, checkout];
