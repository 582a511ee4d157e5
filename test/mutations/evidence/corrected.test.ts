import { expect, test } from 'vitest';
import { CheckoutDocument } from '../../generated/graphql.ts';
import { eachDatabase } from '../../support/databases.ts';
import type { Gateway } from '../../support/gateway.ts';
import { begin, breakOnce, buy, buyElsewhere, buying, calls, forSale, minutes, operation, rest, tell } from './lost.ts';

const owned = async (gateway: Gateway, e164: string) =>
  (await gateway.askText(`{ number(e164: "${e164}") { status order { orderId } } }`)).data?.['number'];

/** It was not done; an order of the same price was placed elsewhere in the same minute. */
async function takenForAnother(gateway: Gateway) {
  const [item, other] = forSale(gateway, 2);
  breakOnce(gateway, 'cut-before', '/wallet/checkout');
  await buy(gateway, item === undefined ? [] : [item]);
  const order = buyElsewhere(gateway, other?.e164 ?? '', 'GB', 'local');
  await minutes(gateway, 2);
  expect(await operation(gateway)).toMatchObject({
    status: 'SUCCEEDED',
    findings: [expect.stringMatching(`^Settled from the transaction of order ${order.id} \\(EUR 1.20\\).*correct it`)],
  });
  return { e164: item?.e164 ?? '', items: item === undefined ? [] : [item], other: other?.e164 ?? '', order };
}

eachDatabase('a checkout that was settled from a transaction alone', (_open, { url }) => {
  test('is unknown again once number.activated gives that order to another number', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const { e164, items, other, order } = await takenForAnother(gateway);
    expect(await owned(gateway, e164)).toEqual({ status: 'PROVISIONING', order: { orderId: order.id } });
    await tell(gateway, 'number.activated', { number: other, trunk_uuid: null, order_id: order.id });

    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN', steps: [{ status: 'UNKNOWN' }] });
    expect(await owned(gateway, e164)).toBeNull();
    expect(await owned(gateway, other)).toEqual({ status: 'ACTIVE', order: { orderId: order.id } });
    const { data } = await gateway.askText(`{ order(orderId: ${order.id}) { items { e164 } } }`);
    expect(data).toEqual({ order: { items: [{ e164: other }] } });
    expect(await buy(gateway, items)).toMatchObject({ __typename: 'OutcomeUnknownError' });
    expect(await buy(gateway, items, 'other key')).toMatchObject({ __typename: 'ValidationError' });
    expect(calls(gateway, buying)).toBe(1);
  });

  test('has its order replaced once number.activated names another for its number', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const { e164, items, order } = await takenForAnother(gateway);
    const real = order.id + 7;
    await tell(gateway, 'number.activated', { number: e164, trunk_uuid: null, order_id: real });

    expect(await operation(gateway)).toMatchObject({
      status: 'SUCCEEDED',
      findings: [expect.stringContaining(`${e164} by order ${real}`), expect.stringContaining(`order ${order.id}`)],
    });
    expect(await buy(gateway, items)).toMatchObject({
      __typename: 'CheckoutPayload',
      order: { orderId: real, items: [{ e164 }] },
    });
    const { data } = await gateway.askText(`{ order(orderId: ${order.id}) { items { e164 } } }`);
    expect(data).toEqual({ order: { items: [] } });
    expect(calls(gateway, buying)).toBe(1);
  });

  test('is confirmed by number.activated of its number and order, and by none that names no order', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const items = forSale(gateway, 1);
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    await buy(gateway, items);
    await rest(gateway);
    const settled = (await operation(gateway))?.findings;
    expect(settled).toEqual([expect.stringContaining('and the wallet agrees')]);
    await tell(gateway, 'number.activated', { number: items[0]?.e164, trunk_uuid: null });
    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED', findings: settled });

    const [order] = gateway.sandbox.control.world.orders.live();
    await tell(gateway, 'number.activated', { number: items[0]?.e164, trunk_uuid: null, order_id: order?.id });
    const findings = [`Events or an import name the order: ${items[0]?.e164} by order ${order?.id}.`];
    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED', findings });
    expect((await gateway.app.storage.db.selectFrom('operations').select('review').execute())[0]?.review).toBe(0);
  });
});

test('a checkout taken for the order of others keeps numbers that are known to be there, and says that its order is not certain', async () => {
  await using gateway = await begin();
  const { e164, other, order } = await takenForAnother(gateway);
  await gateway.app.importNumbers(`e164,did_number_id\n${e164},777`, 'csv');
  await tell(gateway, 'number.activated', { number: other, trunk_uuid: null, order_id: order.id });

  expect(await operation(gateway)).toMatchObject({
    status: 'SUCCEEDED',
    findings: [expect.stringContaining(`the order that bought them is not certain: order ${order.id}`)],
  });
  expect(await owned(gateway, e164)).toMatchObject({ status: 'PROVISIONING' });
});

test('an event that names no order does not keep an order that fits from being taken', async () => {
  await using gateway = await begin();
  const items = forSale(gateway, 1);
  const down = gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions' });
  breakOnce(gateway, 'cut-after', '/wallet/checkout');
  await buy(gateway, items);
  await rest(gateway);
  await tell(gateway, 'number.activated', { number: items[0]?.e164, trunk_uuid: null });
  expect(await operation(gateway)).toMatchObject({
    status: 'UNKNOWN',
    findings: expect.arrayContaining([expect.stringContaining('is yours and not by which order')]),
  });
  down();
  await minutes(gateway, 3);
  expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
});

test('what only an order without a fitting price may be is told with what is missing', async () => {
  await using gateway = await begin();
  const items = [{ e164: '+31201234567', country: 'NL', type: 'LOCAL' as const }];
  breakOnce(gateway, 'cut-after', '/wallet/checkout');
  await gateway.ask(CheckoutDocument, { input: { items, idempotencyKey: 'k' } });
  await minutes(gateway, 15);
  const [order] = gateway.sandbox.control.world.orders.live();
  expect(await operation(gateway)).toMatchObject({
    status: 'UNKNOWN',
    findings: [
      expect.stringMatching(
        `EUR -1\\.500? for order ${order?.id}: nothing else explains it\\. What it would cost is not known`,
      ),
    ],
  });
});
