import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../support/gateway.ts';
import { hidePurchases } from './hidden.ts';
import {
  begin,
  breakOnce,
  buy,
  buyElsewhere,
  buying,
  calls,
  forSale,
  later,
  minute,
  minutes,
  operation,
  tell,
} from './lost.ts';

const notDone = { status: 'FAILED', error: { code: 'NOT_DONE' } };

async function lostBeforeTheWork(gateway: Gateway) {
  const items = forSale(gateway, 1);
  breakOnce(gateway, 'cut-before', '/wallet/checkout');
  await buy(gateway, items);
  await minutes(gateway, 12);
  expect(await operation(gateway)).toMatchObject(notDone);
  return { items, e164: items[0]?.e164 ?? '' };
}

describe('a checkout that was judged as not done, and whose number is bought in the portal', () => {
  test.each([
    ['an hour', 60 * minute],
    ['two days', 2 * 1_440 * minute],
  ])('after %s stays so, though the event comes before the transactions are read', async (_what, after) => {
    await using gateway = await begin();
    const { e164 } = await lostBeforeTheWork(gateway);
    await later(gateway, after);
    const order = buyElsewhere(gateway, e164, 'GB', 'local');
    await tell(gateway, 'number.activated', { number: e164, trunk_uuid: null, order_id: order.id });
    expect(await operation(gateway)).toMatchObject(notDone);
    await minutes(gateway, 3);
    expect(await operation(gateway)).toMatchObject(notDone);
  });

  test('is not known to be done or not for as long as the transaction of that order is not', async () => {
    await using gateway = await begin();
    const { e164 } = await lostBeforeTheWork(gateway);
    await later(gateway, 60 * minute);
    const order = buyElsewhere(gateway, e164, 'GB', 'local');
    const down = gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions' });
    await tell(gateway, 'number.activated', { number: e164, trunk_uuid: null, order_id: order.id });
    expect(await operation(gateway)).toMatchObject({
      status: 'UNKNOWN',
      findings: [expect.stringContaining(`${e164} came by order ${order.id}; the transaction of that order`)],
    });
    down();
    await minutes(gateway, 2);
    expect(await operation(gateway)).toMatchObject(notDone);
  });
});

describe('a checkout that is sent anew because one before it was judged as not done', () => {
  test('and is lost too, is the one that an event of its number and order settles', async () => {
    await using gateway = await begin();
    const { items, e164 } = await lostBeforeTheWork(gateway);
    await minutes(gateway, 20);
    const down = gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions' });
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    await buy(gateway, items, 'again');
    const [order] = gateway.sandbox.control.world.orders.live();
    await tell(gateway, 'number.activated', { number: e164, trunk_uuid: null, order_id: order?.id });
    expect(await operation(gateway, 'again')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await operation(gateway)).toMatchObject(notDone);
    down();
    await minutes(gateway, 3);
    expect(await operation(gateway)).toMatchObject(notDone);
  });

  test('within minutes stays unknown, and tells what the event says', async () => {
    await using gateway = await begin();
    const { items, e164 } = await lostBeforeTheWork(gateway);
    hidePurchases(gateway);
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    await buy(gateway, items, 'again');
    const [order] = gateway.sandbox.control.world.orders.live();
    await tell(gateway, 'number.activated', { number: e164, trunk_uuid: null, order_id: order?.id });
    expect(await operation(gateway, 'again')).toMatchObject({
      status: 'UNKNOWN',
      findings: expect.arrayContaining([
        expect.stringContaining(`${e164} came by order ${order?.id}; another operation for the same number`),
      ]),
    });
    expect(await operation(gateway)).toMatchObject(notDone);
  });

  test('leaves the first what it was where its event overtakes its answer', async () => {
    await using gateway = await begin();
    const { items, e164 } = await lostBeforeTheWork(gateway);
    const slow = { kind: 'latency', latency: 3_000, method: 'POST', path: '/wallet/checkout', times: 1 } as const;
    gateway.sandbox.control.faults.add(slow);
    const answer = buy(gateway, items, 'again');
    await expect.poll(() => calls(gateway, buying)).toBe(2);
    const told = { number: e164, trunk_uuid: null, order_id: 1_016 };
    await tell(gateway, 'number.activated', told);
    expect(await operation(gateway)).toMatchObject(notDone);
    await gateway.clock.advance(3_000);
    expect(await answer).toMatchObject({ __typename: 'CheckoutPayload' });
    await minutes(gateway, 2);
    expect(await operation(gateway)).toMatchObject(notDone);
  });
});
