import { expect, test } from 'vitest';
import { eachDatabase } from '../../support/databases.ts';
import { begin, breakOnce, buy, buying, calls, forSale, later, minute, operation, rest, tell } from './lost.ts';

eachDatabase('a checkout whose answer was lost', (_open, { durable, url }) => {
  test('is found in the transactions at once, with its order and numbers, and is not sent again', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const items = forSale(gateway, 2);
    breakOnce(gateway, 'cut-after', '/wallet/checkout');

    expect(await buy(gateway, items)).toMatchObject({
      __typename: 'OutcomeUnknownError',
      operation: { status: 'UNKNOWN', steps: [{ name: 'checkout', status: 'UNKNOWN' }] },
    });
    await rest(gateway);

    expect(await operation(gateway)).toMatchObject({
      status: 'SUCCEEDED',
      finishedAt: expect.any(String),
      steps: [{ name: 'checkout', status: 'SUCCEEDED' }],
      error: null,
    });
    const [order] = gateway.sandbox.control.world.orders.live();
    const paid = `${-(order?.transaction.amount ?? 0) / 1000}`;
    expect(await buy(gateway, items)).toMatchObject({
      __typename: 'CheckoutPayload',
      order: {
        orderId: order?.id,
        total: { amount: expect.stringContaining(paid) },
        items: items.map(({ e164 }) => ({ e164 })),
      },
      bought: items.map(({ e164 }) => ({ e164, status: 'PROVISIONING' })),
      wallet: { balance: { amount: gateway.sandbox.control.state().balance } },
    });
    expect(calls(gateway, buying)).toBe(1);
  });

  test('that was never done fails, but not before DIDfarm has shown nothing of it for ten minutes', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const items = forSale(gateway, 1);
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, items);
    await rest(gateway);

    for (let passed = 0; passed < 9; passed++) await later(gateway, minute);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
    for (let passed = 0; passed < 3; passed++) await later(gateway, minute);

    expect(await operation(gateway)).toMatchObject({
      status: 'FAILED',
      error: { code: 'NOT_DONE' },
      steps: [{ status: 'FAILED' }],
    });
    expect(await buy(gateway, items)).toMatchObject({
      __typename: 'UpstreamError',
      code: 'NOT_DONE',
      retryable: false,
    });
    expect(calls(gateway, buying)).toBe(1);
    expect(gateway.sandbox.control.state().liveOrders).toBe(0);
  });

  test('stays unknown for as long as DIDfarm cannot be asked, and is settled when it can', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    const down = gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions' });
    await buy(gateway, forSale(gateway, 1));
    for (let passed = 0; passed < 20; passed++) await later(gateway, minute);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });

    down();
    await later(gateway, 2 * minute);

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('is settled by number.activated where the transactions do not tell', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const [item = { e164: '', country: 'GB', type: 'LOCAL' as const }] = forSale(gateway, 1);
    gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions' });
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    await buy(gateway, [item]);
    await rest(gateway);
    const [order] = gateway.sandbox.control.world.orders.live();

    const data = { number: item.e164, country: 'GB', type: 'local', trunk_uuid: null, order_id: order?.id };
    await tell(gateway, 'number.activated', data);

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await buy(gateway, [item])).toMatchObject({
      __typename: 'CheckoutPayload',
      order: { orderId: order?.id },
      bought: [{ e164: item.e164, status: 'ACTIVE' }],
    });
  });

  test('is not taken for another one that would have left the same trace', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const [one, other] = forSale(gateway, 2).map((item) => [item]);
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, one ?? [], 'not done');
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    await buy(gateway, other ?? [], 'done');
    await later(gateway, minute);
    expect(await operation(gateway, 'not done')).toMatchObject({ status: 'UNKNOWN' });
    expect(await operation(gateway, 'done')).toMatchObject({ status: 'UNKNOWN' });

    const [order] = gateway.sandbox.control.world.orders.live();
    await tell(gateway, 'number.activated', { number: other?.[0]?.e164, trunk_uuid: null, order_id: order?.id });
    expect(await operation(gateway, 'done')).toMatchObject({ status: 'SUCCEEDED' });
    for (let passed = 0; passed < 12; passed++) await later(gateway, minute);

    expect(await operation(gateway, 'not done')).toMatchObject({ status: 'FAILED' });
  });

  test('is not taken for an order that was placed before, or that another operation has made', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const [first, second] = forSale(gateway, 2).map((item) => [item]);
    await buy(gateway, first ?? [], 'first');
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, second ?? [], 'second');
    await later(gateway, minute);

    expect(await operation(gateway, 'second')).toMatchObject({ status: 'UNKNOWN' });
  });

  if (durable)
    test('is settled after a restart', async () => {
      await using gateway = await begin({ databaseUrl: await url() });
      breakOnce(gateway, 'cut-after', '/wallet/checkout');
      const down = gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions' });
      await buy(gateway, forSale(gateway, 1));
      await rest(gateway);
      await gateway.restart();
      expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
      down();

      gateway.app.start();
      await later(gateway, minute);

      expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
      expect(calls(gateway, buying)).toBe(1);
    });
});
