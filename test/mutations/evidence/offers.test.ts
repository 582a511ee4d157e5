import { describe, expect, test } from 'vitest';
import { CheckoutDocument } from '../../generated/graphql.ts';
import type { Gateway } from '../../support/gateway.ts';
import { begin, breakOnce, forSale, listTransactionsAs, minute, minutes, operation, rest, tell } from './lost.ts';

const amsterdam = { e164: '+31201234567', country: 'NL', type: 'LOCAL' as const };

async function lose(gateway: Gateway, items: readonly { e164: string; country: string; type: 'LOCAL' }[]) {
  breakOnce(gateway, 'cut-after', '/wallet/checkout');
  await gateway.ask(CheckoutDocument, { input: { items: [...items], idempotencyKey: 'k' } });
}

const shown = async (gateway: Gateway, e164: string) =>
  (
    await gateway.askText(`{ number(e164: "${e164}") {
      regulatoryStatus city smsEnabled monthlyRate { amount } setupFee { amount }
      order { orderId requiresRegulatory total { amount } items { e164 monthlyRate { amount } } }
    } }`)
  ).data?.['number'];

describe('what a search said before of numbers whose checkout was not answered', () => {
  test('is said of them and of their order: documents, place and rates', async () => {
    await using gateway = await begin();
    await gateway.askText('{ availableNumbers(country: "NL", type: LOCAL, city: "Amsterdam") { nodes { e164 } } }');
    await lose(gateway, [amsterdam]);
    await rest(gateway);

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await shown(gateway, amsterdam.e164)).toMatchObject({
      regulatoryStatus: 'REQUIRED',
      city: 'Amsterdam',
      smsEnabled: false,
      monthlyRate: { amount: '1.50' },
      setupFee: { amount: '0.00' },
      order: {
        requiresRegulatory: true,
        total: { amount: '1.50' },
        items: [{ e164: amsterdam.e164, monthlyRate: { amount: '1.50' } }],
      },
    });
  });

  test('is that none are needed where it said so', async () => {
    await using gateway = await begin();
    const [item] = forSale(gateway, 1);
    await lose(gateway, item === undefined ? [] : [item]);
    await rest(gateway);
    expect(await shown(gateway, item?.e164 ?? '')).toMatchObject({
      regulatoryStatus: 'NOT_REQUIRED',
      order: { requiresRegulatory: false },
    });
  });

  test('is left open where none told', async () => {
    await using gateway = await begin();
    await lose(gateway, [amsterdam]);
    const [order] = gateway.sandbox.control.world.orders.live();
    await tell(gateway, 'number.activated', { number: amsterdam.e164, trunk_uuid: null, order_id: order?.id });
    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await shown(gateway, amsterdam.e164)).toMatchObject({
      regulatoryStatus: 'UNKNOWN',
      city: null,
      smsEnabled: null,
      monthlyRate: null,
    });
  });

  test('does not undo what events said of the documents before it was settled', async () => {
    await using gateway = await begin();
    await gateway.askText('{ availableNumbers(country: "NL", type: LOCAL, city: "Amsterdam") { nodes { e164 } } }');
    gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions' });
    const before = gateway.clock.now() - minute;
    await lose(gateway, [amsterdam]);
    // DIDfarm's clock is behind.
    await gateway.deliver('regulatory.approved', before, { number: amsterdam.e164 });
    await rest(gateway);
    const [order] = gateway.sandbox.control.world.orders.live();
    await tell(gateway, 'number.activated', { number: amsterdam.e164, trunk_uuid: null, order_id: order?.id });
    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await shown(gateway, amsterdam.e164)).toMatchObject({ regulatoryStatus: 'APPROVED' });
  });
});

describe('a checkout of several numbers that DIDfarm books one by one', () => {
  test('is found by the debits of one order, which sum to what they cost', async () => {
    await using gateway = await begin();
    const items = forSale(gateway, 3);
    listTransactionsAs(gateway, (row) =>
      row.amount === -3_600 ? [3, 2, 1].map((part) => ({ ...row, id: row.id * 10 + part, amount: -1_200 })) : [row],
    );
    await lose(gateway, items);
    await rest(gateway);
    const [order] = gateway.sandbox.control.world.orders.live();
    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await shown(gateway, items[0]?.e164 ?? '')).toMatchObject({
      order: { orderId: order?.id, total: { amount: '3.60' }, items: [{}, {}, {}] },
    });
  });

  test('is not found where they sum to less', async () => {
    await using gateway = await begin();
    listTransactionsAs(gateway, (row) =>
      row.amount === -3_600 ? [2, 1].map((part) => ({ ...row, id: row.id * 10 + part, amount: -1_200 })) : [row],
    );
    await lose(gateway, forSale(gateway, 3));
    await minutes(gateway, 15);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
  });

  test('is found by the events that name an order for each, and gives each number its own', async () => {
    await using gateway = await begin();
    const [one, other, third] = forSale(gateway, 3);
    listTransactionsAs(gateway, (row) =>
      row.amount === -3_600
        ? [2, 1, 0].map((part) => ({ ...row, id: row.id * 10 + part, amount: -1_200, referenceId: 5_000 + part }))
        : [row],
    );
    await lose(
      gateway,
      [one, other, third].flatMap((item) => item ?? []),
    );
    await minutes(gateway, 15);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
    gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions' });
    for (const [place, item] of [one, other, third].entries())
      await tell(gateway, 'number.activated', { number: item?.e164, trunk_uuid: null, order_id: 5_000 + place });

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    for (const [place, item] of [one, other, third].entries())
      expect(await shown(gateway, item?.e164 ?? '')).toMatchObject({
        order: { orderId: 5_000 + place, items: [{ e164: item?.e164 }] },
      });
  });
});
