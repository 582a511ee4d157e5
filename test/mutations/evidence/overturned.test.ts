import { describe, expect, test } from 'vitest';
import { OnboardClientDocument } from '../../generated/graphql.ts';
import { eachDatabase } from '../../support/databases.ts';
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
  minutes,
  operation,
  rest,
  tell,
} from './lost.ts';

async function lostAndJudgedNotDone(gateway: Gateway) {
  const items = forSale(gateway, 1);
  const show = hidePurchases(gateway);
  breakOnce(gateway, 'cut-after', '/wallet/checkout');
  await buy(gateway, items);
  await minutes(gateway, 12);
  expect(await operation(gateway)).toMatchObject({ status: 'FAILED', error: { code: 'NOT_DONE' } });
  const [order] = gateway.sandbox.control.world.orders.live();
  return { items, show, e164: items[0]?.e164 ?? '', orderId: order?.id };
}

eachDatabase('a checkout that was judged as not done', (_open, { durable, url }) => {
  test('is done after all once number.activated names its number and order', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const { items, show, e164, orderId } = await lostAndJudgedNotDone(gateway);
    await minutes(gateway, 120);
    show();
    await tell(gateway, 'number.activated', { number: e164, trunk_uuid: null, order_id: orderId });

    expect(await operation(gateway)).toMatchObject({
      status: 'SUCCEEDED',
      error: null,
      steps: [{ status: 'SUCCEEDED' }],
      findings: [`Events or an import name the order: ${e164} by order ${orderId}.`],
    });
    expect(await buy(gateway, items)).toMatchObject({
      __typename: 'CheckoutPayload',
      order: { orderId },
      bought: [{ e164, status: 'ACTIVE' }],
    });
    expect(calls(gateway, buying)).toBe(1);
  });

  test('is done after all once its transaction shows late', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const { show, orderId, items } = await lostAndJudgedNotDone(gateway);
    show();
    // Nobody asks for the transactions meanwhile.
    await minutes(gateway, 70);

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await buy(gateway, items)).toMatchObject({ __typename: 'CheckoutPayload', order: { orderId } });
    expect(calls(gateway, buying)).toBe(1);
  });

  test('stays so where its numbers were bought again with another key', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const items = forSale(gateway, 1);
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, items);
    await minutes(gateway, 40);
    expect(await operation(gateway)).toMatchObject({ status: 'FAILED' });
    expect(await buy(gateway, items, 'again')).toMatchObject({ __typename: 'CheckoutPayload' });
    const [order] = gateway.sandbox.control.world.orders.live();
    await tell(gateway, 'number.activated', { number: items[0]?.e164, trunk_uuid: null, order_id: order?.id });
    await minutes(gateway, 3);

    expect(await operation(gateway)).toMatchObject({ status: 'FAILED', error: { code: 'NOT_DONE' } });
    expect(await operation(gateway, 'again')).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('stays so where its numbers were bought elsewhere later', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const [item] = forSale(gateway, 1);
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, item === undefined ? [] : [item]);
    await minutes(gateway, 40);
    const order = buyElsewhere(gateway, item?.e164 ?? '', 'GB', 'local');
    await gateway.askText('{ transactions(first: 1) { nodes { transactionId } } }');
    await rest(gateway);
    await tell(gateway, 'number.activated', { number: item?.e164, trunk_uuid: null, order_id: order.id });
    await minutes(gateway, 3);
    expect(await operation(gateway)).toMatchObject({ status: 'FAILED', error: { code: 'NOT_DONE' } });
  });

  test('is done after all once its number is imported from the list of the portal, with its order', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const { e164, show, orderId, items } = await lostAndJudgedNotDone(gateway);
    await gateway.app.importNumbers(`e164\n${e164}`, 'csv');
    await rest(gateway);
    expect(await operation(gateway)).toMatchObject({
      status: 'UNKNOWN',
      findings: expect.arrayContaining([expect.stringContaining(`says that ${e164} is yours`)]),
    });
    show();
    await gateway.app.importNumbers(`e164,order_id\n${e164},${orderId}`, 'csv');
    await rest(gateway);
    await later(gateway, 15_000);
    expect(await buy(gateway, items)).toMatchObject({ __typename: 'CheckoutPayload', order: { orderId } });
    expect(calls(gateway, buying)).toBe(1);
  });

  if (durable)
    test('is judged again after a restart as well', async () => {
      await using gateway = await begin({ databaseUrl: await url() });
      const { show, e164, orderId } = await lostAndJudgedNotDone(gateway);
      await gateway.restart();
      show();
      await tell(gateway, 'number.activated', { number: e164, trunk_uuid: null, order_id: orderId });
      expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    });
});

test('what DIDfarm refused stays refused, whatever comes later', async () => {
  await using gateway = await begin();
  const [item] = forSale(gateway, 1);
  const items = item === undefined ? [] : [item];
  const refusal = { kind: 'status', status: 422, code: 'number_unavailable', method: 'POST', times: 1 } as const;
  gateway.sandbox.control.faults.add({ ...refusal, path: '/wallet/checkout' });
  expect(await buy(gateway, items)).toMatchObject({ __typename: 'NumberUnavailableError' });
  await tell(gateway, 'number.activated', { number: item?.e164, trunk_uuid: null, order_id: 9_000 });
  await rest(gateway);
  expect(await operation(gateway)).toMatchObject({ status: 'FAILED', error: { code: 'NUMBER_UNAVAILABLE' } });
});

describe('an onboarding whose purchase was judged as not done', () => {
  const input = { name: 'Nieuwe Klant', country: 'GB', type: 'LOCAL' as const, idempotencyKey: 'k' };
  const onboard = async (gateway: Gateway) => (await gateway.ask(OnboardClientDocument, { input })).data?.onboardClient;
  const steps = async (gateway: Gateway) =>
    (await operation(gateway))?.steps.map(({ name, status }) => `${name} ${status}`);

  async function judgedNotDone(gateway: Gateway) {
    const show = hidePurchases(gateway);
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    await onboard(gateway);
    await minutes(gateway, 12);
    expect(await steps(gateway)).toEqual(['search SUCCEEDED', 'checkout FAILED']);
    expect(await operation(gateway)).toMatchObject({ status: 'PENDING' });
    const [order] = gateway.sandbox.control.world.orders.live();
    return { show, orderId: order?.id, e164: order?.numbers[0]?.e164 };
  }

  test('goes on with the number that it has after all, and buys no other', async () => {
    await using gateway = await begin();
    const { show, orderId, e164 } = await judgedNotDone(gateway);
    show();
    const { id } = gateway.sandbox.control.world.numbers.byE164(e164 ?? '') ?? {};
    const told = { number: e164, did_number_id: id, trunk_uuid: null, order_id: orderId };
    await tell(gateway, 'number.activated', told);

    expect(await onboard(gateway)).toMatchObject({ __typename: 'OnboardClientPayload', number: { e164 } });
    expect(calls(gateway, buying)).toBe(1);
  });

  test('and that a run left in the middle goes on with that number as well', async () => {
    await using gateway = await begin();
    const { show, orderId, e164 } = await judgedNotDone(gateway);
    show();
    await gateway.app.storage.db.updateTable('operations').set({ owner: 'a run that ended' }).execute();
    const { id } = gateway.sandbox.control.world.numbers.byE164(e164 ?? '') ?? {};
    await tell(gateway, 'number.activated', { number: e164, did_number_id: id, trunk_uuid: null, order_id: orderId });
    expect(await steps(gateway)).toEqual(['search SUCCEEDED', 'checkout SUCCEEDED']);

    expect(await onboard(gateway)).toMatchObject({ __typename: 'OnboardClientPayload', number: { e164 } });
    expect(calls(gateway, buying)).toBe(1);
  });

  test('and that bought another number since has both on record', async () => {
    await using gateway = await begin();
    const { show, orderId, e164 } = await judgedNotDone(gateway);
    show();
    const down = gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions' });
    const answer = await onboard(gateway);
    expect(answer).toMatchObject({ __typename: 'OnboardClientPayload' });
    await tell(gateway, 'number.activated', { number: e164, trunk_uuid: null, order_id: orderId });
    expect(await steps(gateway)).toContain('checkout FAILED');
    down();
    await minutes(gateway, 60);

    expect(await steps(gateway)).toEqual([
      'search SUCCEEDED',
      'checkout SUCCEEDED',
      'checkout-2 SUCCEEDED',
      'create-trunk SUCCEEDED',
      'route-number SUCCEEDED',
    ]);
    expect(await operation(gateway)).toMatchObject({
      status: 'SUCCEEDED',
      findings: [
        `Events or an import name the order: ${e164} by order ${orderId}.`,
        expect.stringContaining('is there beside its result'),
      ],
    });
    const again = await onboard(gateway);
    expect(again).toMatchObject({ __typename: 'OnboardClientPayload' });
    expect(again).toMatchObject({ number: { e164: Object(answer).number.e164 } });
    expect(Object(again).number.e164).not.toBe(e164);
    expect(calls(gateway, buying)).toBe(2);
  });
});
