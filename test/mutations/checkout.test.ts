import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  AvailableNumbersDocument,
  MoneyAndTextsDocument,
  NumberDocument,
  OperationDocument,
} from '../generated/graphql.ts';
import { amsterdam, books, buy, forSale, startShop } from './support/shop.ts';

describe('checkout', () => {
  test('buys a number: the order, the number and the wallet afterwards are in the payload', async () => {
    await using gateway = await startShop();
    const bought = await buy(gateway, { items: [amsterdam], idempotencyKey: 'order-1' });
    const [order] = gateway.sandbox.control.world.orders.live();
    const didNumberId = order?.numbers[0]?.id;
    expect(bought).toMatchObject({
      __typename: 'CheckoutPayload',
      idempotencyKey: 'order-1',
      order: {
        orderId: order?.id,
        placedAt: new Date(gateway.clock.now()).toISOString(),
        requiresRegulatory: true,
        total: { amount: '1.50' },
        items: [{ e164: amsterdam.e164, didNumberId, monthlyRate: { amount: '1.50' }, setupFee: { amount: '0.00' } }],
      },
      bought: [
        {
          e164: amsterdam.e164,
          status: 'PROVISIONING',
          regulatoryStatus: 'REQUIRED',
          didNumberId,
          smsEnabled: false,
          type: 'LOCAL',
          city: 'Amsterdam',
          country: 'NL',
          order: { orderId: order?.id },
        },
      ],
      wallet: { balance: { amount: '141.00' } },
    });
    expect(books(gateway)).toMatchObject({ balance: '141.00', liveOrders: 1, sent: 1 });
  });

  test('the next query shows number, wallet and the transaction with its order', async () => {
    await using gateway = await startShop();
    await gateway.ask(MoneyAndTextsDocument, {});
    await buy(gateway, { items: [amsterdam] });
    const number = (await gateway.ask(NumberDocument, { e164: amsterdam.e164 })).data?.number;
    expect(number).toMatchObject({ status: 'PROVISIONING', order: { items: [{ e164: amsterdam.e164 }] } });
    const money = (await gateway.ask(MoneyAndTextsDocument, {})).data;
    expect(money?.wallet?.balance.amount).toBe('141.00');
    const orderId = gateway.sandbox.control.world.orders.live()[0]?.id;
    expect(money?.transactions?.nodes[0]).toMatchObject({ amount: { amount: '-1.50' }, order: { orderId } });
  });

  test('what was bought is for sale no more, though the search was kept', async () => {
    await using gateway = await startShop();
    const search = { country: 'NL', type: 'LOCAL', city: 'Amsterdam', first: 5 } as const;
    const before = (await gateway.ask(AvailableNumbersDocument, search)).data?.availableNumbers?.nodes ?? [];
    expect(before[0]?.e164).toBe(amsterdam.e164);
    await buy(gateway, { items: [amsterdam] });
    const after = (await gateway.ask(AvailableNumbersDocument, search)).data?.availableNumbers?.nodes ?? [];
    expect(after.slice(0, 4)).toEqual(before.slice(1));
    expect(after).toHaveLength(5);
    expect(gateway.sandbox.control.calls().routes['GET /numbers/search']).toBe(1);
  });

  test('a repeat of the key buys nothing and calls nobody, also after a restart; another order of fields is the same input', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gateway-checkout-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    await using gateway = await startShop({ databaseUrl: `sqlite:${folder}/gateway.db` });
    const first = await buy(gateway, { items: [amsterdam], idempotencyKey: 'k' });
    await gateway.restart();
    gateway.sandbox.control.resetCalls();
    const { e164, country, type } = amsterdam;
    expect(await buy(gateway, { idempotencyKey: 'k', items: [{ type, country, e164 }] })).toEqual(first);
    expect(gateway.sandbox.control.calls().total).toBe(0);
    expect(books(gateway)).toMatchObject({ balance: '141.00', liveOrders: 1 });
  });

  test('a key that is left out is made, and given back', async () => {
    await using gateway = await startShop();
    const bought = await buy(gateway, { items: [amsterdam] });
    const key = bought?.__typename === 'CheckoutPayload' ? bought.idempotencyKey : '';
    expect(key).toMatch(/^[0-9a-f-]{36}$/);
    const operation = (await gateway.ask(OperationDocument, { idempotencyKey: key })).data?.operation;
    expect(operation).toMatchObject({
      mutation: 'checkout',
      status: 'SUCCEEDED',
      steps: [{ name: 'checkout', status: 'SUCCEEDED' }],
      error: null,
    });
  });

  test('100 numbers are one order', async () => {
    await using gateway = await startShop({ sandbox: { available: 60 } });
    const items = forSale(gateway, 100);
    const bought = await buy(gateway, { items });
    expect(bought).toMatchObject({ __typename: 'CheckoutPayload', order: { total: { amount: '120.00' } } });
    expect(bought?.__typename === 'CheckoutPayload' && bought.bought.map((number) => number.e164)).toEqual(
      items.map((item) => item.e164),
    );
    expect(books(gateway)).toMatchObject({ balance: '22.50', liveOrders: 1, sent: 1 });
  });
});

describe('the wallet', () => {
  test('with exactly enough is emptied', async () => {
    await using gateway = await startShop({ sandbox: { balance: '1.50' } });
    expect(await buy(gateway, { items: [amsterdam] })).toMatchObject({ wallet: { balance: { amount: '0.00' } } });
  });

  test('one cent short buys nothing, and is shown as it is', async () => {
    await using gateway = await startShop({ sandbox: { balance: '1.49' } });
    expect(await buy(gateway, { items: [amsterdam], idempotencyKey: 'k' })).toMatchObject({
      __typename: 'InsufficientBalanceError',
      code: 'INSUFFICIENT_BALANCE',
      wallet: { balance: { amount: '1.49' } },
    });
    expect(books(gateway)).toMatchObject({ balance: '1.49', liveOrders: 0, sent: 1 });
    expect((await gateway.ask(NumberDocument, { e164: amsterdam.e164 })).data?.number).toBeNull();
    gateway.sandbox.control.topUp('10.00');
    expect((await buy(gateway, { items: [amsterdam], idempotencyKey: 'k' }))?.__typename).toBe(
      'InsufficientBalanceError',
    );
    expect((await buy(gateway, { items: [amsterdam], idempotencyKey: 'k2' }))?.__typename).toBe('CheckoutPayload');
  });
});

test('two mutations in one document: the second payload shows what both did', async () => {
  await using gateway = await startShop();
  const trunk = gateway.sandbox.control.world.trunks.all()[0];
  const answer = await gateway.askText(
    `mutation {
      buy: checkout(input: {items: [{e164: "+31201234567", country: "NL", type: LOCAL}]}) { ... on CheckoutPayload { numbers { trunk { uuid } } } }
      route: assignNumber(input: {number: "+31201234567", trunk: "${trunk?.uuid}"}) { ... on AssignNumberPayload { number { trunk { uuid } } } }
    }`,
  );
  expect(answer.data).toEqual({
    buy: { numbers: [{ trunk: null }] },
    route: { number: { trunk: { uuid: trunk?.uuid } } },
  });
  expect(answer.extensions?.upstream.calls).toBeGreaterThanOrEqual(2);
});
