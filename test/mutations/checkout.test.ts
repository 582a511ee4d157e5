import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  AvailableNumbersDocument,
  CheckoutDocument,
  type CheckoutInput,
  MoneyAndTextsDocument,
  NumberDocument,
  OperationDocument,
} from '../generated/graphql.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../support/gateway.ts';

const route = 'POST /wallet/checkout';
const amsterdam = { e164: '+31201234567', country: 'NL', type: 'LOCAL' } as const;

async function buy(gateway: Gateway, input: CheckoutInput) {
  const answer = await gateway.ask(CheckoutDocument, { input });
  expect(answer.errors).toBeUndefined();
  return answer.data?.checkout;
}

/** The first numbers for sale of a kind that costs so many cents and no more. */
function forSale(gateway: Gateway, count: number, country = 'GB', type = 'local') {
  const { found } = gateway.sandbox.control.world.inventory.search({ country, type }, 0, count);
  return found.map(({ e164 }) => ({ e164, country, type: 'LOCAL' as const }));
}

function books(gateway: Gateway) {
  const { balance, numbers, liveOrders } = gateway.sandbox.control.state();
  return { balance, numbers, liveOrders, sent: gateway.sandbox.control.calls().routes[route] ?? 0 };
}

const start = (options: GatewayOptions = {}) =>
  startGateway({ ...options, sandbox: { balance: '142.50', ...options.sandbox } });

describe('checkout', () => {
  test('buys a number: the order, the number and the wallet afterwards are in the payload', async () => {
    await using gateway = await start();
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
    await using gateway = await start();
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
    await using gateway = await start();
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
    await using gateway = await start({ databaseUrl: `sqlite:${folder}/gateway.db` });
    const first = await buy(gateway, { items: [amsterdam], idempotencyKey: 'k' });
    await gateway.restart();
    gateway.sandbox.control.resetCalls();
    const { e164, country, type } = amsterdam;
    expect(await buy(gateway, { idempotencyKey: 'k', items: [{ type, country, e164 }] })).toEqual(first);
    expect(gateway.sandbox.control.calls().total).toBe(0);
    expect(books(gateway)).toMatchObject({ balance: '141.00', liveOrders: 1 });
  });

  test('a key that is left out is made, and given back', async () => {
    await using gateway = await start();
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
    await using gateway = await start({ sandbox: { available: 60 } });
    const items = forSale(gateway, 100);
    const bought = await buy(gateway, { items });
    expect(bought).toMatchObject({ __typename: 'CheckoutPayload', order: { total: { amount: '120.00' } } });
    expect(bought?.__typename === 'CheckoutPayload' && bought.bought.map((number) => number.e164)).toEqual(
      items.map((item) => item.e164),
    );
    expect(books(gateway)).toMatchObject({ balance: '22.50', liveOrders: 1, sent: 1 });
  });
});

describe('a checkout that cannot be', () => {
  const e164 = '+442079111111';
  const london = { e164: '+442079123456', country: 'GB', type: 'LOCAL' } as const;
  test.each<[string, CheckoutInput['items'], readonly string[]]>([
    ['no items', [], ['items']],
    ['101 items', Array.from({ length: 101 }, () => amsterdam), ['items']],
    ['the same number twice', [amsterdam, london, amsterdam], ['items.2.e164']],
    ['the same number in another spelling', [amsterdam, { ...amsterdam, e164: '+31 20 123 4567' }], ['items.1.e164']],
    ['a number of another country', [{ ...amsterdam, country: 'DE' }], ['items.0.country']],
    ['a type that nobody sells', [{ ...amsterdam, type: 'UNKNOWN' }], ['items.0.type']],
    [
      'several faults',
      [
        { ...london, type: 'UNKNOWN' },
        { ...amsterdam, country: 'BE' },
      ],
      ['items.0.type', 'items.1.country'],
    ],
  ])('with %s is refused before anything is sent', async (_, items, paths) => {
    await using gateway = await start();
    const refused = await buy(gateway, { items });
    expect(refused).toMatchObject({ __typename: 'ValidationError', code: 'VALIDATION_FAILED' });
    expect(refused?.__typename === 'ValidationError' && refused.fields.map((field) => field.path)).toEqual(paths);
    expect(gateway.sandbox.control.calls().total).toBe(0);
    expect(books(gateway)).toMatchObject({ balance: '142.50', liveOrders: 0 });
  });

  test('of a number that is the account’s is refused; one that was released may be bought again', async () => {
    await using gateway = await start();
    const own = gateway.sandbox.control.world.numbers.all().find((number) => number.country === 'GB');
    const item = { e164: String(own?.e164), country: 'GB', type: 'LOCAL' } as const;
    expect(await buy(gateway, { items: [item] })).toMatchObject({
      __typename: 'ValidationError',
      fields: [{ path: 'items.0.e164', message: `${own?.e164} is yours already.` }],
    });
    await gateway.app.importNumbers(`e164,status\n${e164},released`, 'csv');
    expect(await buy(gateway, { items: [{ ...item, e164 }] })).toMatchObject({
      __typename: 'NumberUnavailableError',
      gone: [e164],
    });
    expect(books(gateway).sent).toBe(1);
  });

  test.each([
    ['a lower-case country is raised', { ...amsterdam, country: 'nl' }, 'CheckoutPayload'],
    ['blanks in the number are taken out', { ...amsterdam, e164: '+31 20-123 4567' }, 'CheckoutPayload'],
  ])('%s', async (_, item, outcome) => {
    await using gateway = await start();
    expect((await buy(gateway, { items: [item] }))?.__typename).toBe(outcome);
  });

  test.each([
    ['no number', { ...amsterdam, e164: '020 123' }],
    ['no country', { ...amsterdam, country: 'XX' }],
  ])('%s at all is the query’s own fault', async (_, item) => {
    await using gateway = await start();
    const answer = await gateway.ask(CheckoutDocument, { input: { items: [item] } });
    expect(answer.errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    expect(gateway.sandbox.control.calls().total).toBe(0);
  });

  test.each([
    ['of 10,000 characters', 'k'.repeat(10_000)],
    ['that is empty', ''],
  ])('a key %s is refused', async (_, idempotencyKey) => {
    await using gateway = await start();
    expect(await buy(gateway, { items: [amsterdam], idempotencyKey })).toMatchObject({
      __typename: 'ValidationError',
      fields: [{ path: 'idempotencyKey' }],
    });
    expect(books(gateway).sent).toBe(0);
  });

  test('a key with another input is refused, whatever became of the first', async () => {
    await using gateway = await start();
    await buy(gateway, { items: [amsterdam], idempotencyKey: 'k' });
    const [london] = forSale(gateway, 1);
    expect(await buy(gateway, { items: london ? [london] : [], idempotencyKey: 'k' })).toMatchObject({
      __typename: 'ValidationError',
      code: 'IDEMPOTENCY_KEY_REUSED',
      fields: [{ path: 'idempotencyKey' }],
    });
    expect(books(gateway)).toMatchObject({ liveOrders: 1, sent: 1 });
  });
});

describe('the wallet', () => {
  test('with exactly enough is emptied', async () => {
    await using gateway = await start({ sandbox: { balance: '1.50' } });
    expect(await buy(gateway, { items: [amsterdam] })).toMatchObject({ wallet: { balance: { amount: '0.00' } } });
  });

  test('one cent short buys nothing, and is shown as it is', async () => {
    await using gateway = await start({ sandbox: { balance: '1.49' } });
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

describe('a number that somebody else snatched', () => {
  test('is named, and the others stay for sale', async () => {
    await using gateway = await start();
    gateway.sandbox.control.world.inventory.sell(amsterdam.e164);
    const others = forSale(gateway, 2);
    const refused = await buy(gateway, { items: [...others, amsterdam] });
    expect(refused).toMatchObject({
      __typename: 'NumberUnavailableError',
      code: 'NUMBER_UNAVAILABLE',
      gone: [amsterdam.e164],
    });
    expect(books(gateway)).toMatchObject({ balance: '142.50', liveOrders: 0 });
  });

  test('where DIDfarm names none, all are named', async () => {
    await using gateway = await start();
    gateway.sandbox.control.faults.add({
      kind: 'status',
      status: 422,
      code: 'number_unavailable',
      message: 'Gone.',
      path: '/wallet/checkout',
    });
    const items = [amsterdam, ...forSale(gateway, 1)];
    expect(await buy(gateway, { items })).toMatchObject({ gone: items.map((item) => item.e164) });
  });
});

describe('what DIDfarm refuses', () => {
  test.each([
    ['object', 'InsufficientBalanceError'],
    ['string', 'InsufficientBalanceError'],
    ['message', 'InsufficientBalanceError'],
    ['laravel', 'InsufficientBalanceError'],
    ['empty', 'ValidationError'],
  ] as const)('is understood whether or not it gives a code: %s', async (errors, typename) => {
    await using gateway = await start({ sandbox: { balance: '0.10', variants: { errors } } });
    expect((await buy(gateway, { items: [amsterdam] }))?.__typename).toBe(typename);
  });

  test.each(['object', 'laravel'] as const)('comes back at the field of the input: %s', async (errors) => {
    await using gateway = await start({ sandbox: { variants: { errors } } });
    expect(await buy(gateway, { items: [{ ...amsterdam, type: 'NATIONAL' }] })).toMatchObject({
      __typename: 'ValidationError',
      fields: [{ path: 'items.0.type', message: `The type does not match the number ${amsterdam.e164}.` }],
    });
  });

  test.each([
    [401, 'UpstreamError', 'CONFIGURATION'],
    [403, 'UpstreamError', 'CONFIGURATION'],
    [404, 'NotFoundError', 'NOT_FOUND'],
    [409, 'ValidationError', 'WEIRD'],
  ])('with %i is %s', async (status, typename, code) => {
    await using gateway = await start();
    gateway.sandbox.control.faults.add({
      kind: 'status',
      status,
      code: 'weird',
      message: 'No.',
      path: '/wallet/checkout',
    });
    expect(await buy(gateway, { items: [amsterdam] })).toMatchObject({ __typename: typename, code });
    expect(books(gateway)).toMatchObject({ liveOrders: 0, sent: 1 });
  });
});

describe('an answer that is lost', () => {
  test.each([
    ['200 with an empty body', { kind: 'empty', processed: true }, 1],
    ['a cut after the work', { kind: 'cut-after' }, 1],
    ['a cut before the work', { kind: 'cut-before' }, 0],
    ['half of the JSON', { kind: 'truncated' }, 1],
    ['an answer cut in its middle', { kind: 'cut-body' }, 1],
    ['HTML', { kind: 'html', processed: true }, 1],
    ['a redirect to a login page', { kind: 'redirect' }, 0],
    ['a 500 after the work', { kind: 'status', processed: true }, 1],
    ['a 503 before it', { kind: 'status', status: 503 }, 0],
  ] as const)('%s: the outcome is unknown, and it is not sent again', async (_, fault, orders) => {
    await using gateway = await start();
    const { control } = gateway.sandbox;
    control.faults.add({ ...fault, path: '/wallet/checkout' });
    const lost = await buy(gateway, { items: [amsterdam], idempotencyKey: 'lost' });
    expect(lost).toMatchObject({
      __typename: 'OutcomeUnknownError',
      code: 'OUTCOME_UNKNOWN',
      operation: { idempotencyKey: 'lost', mutation: 'checkout', steps: [{ name: 'checkout' }] },
    });
    control.faults.clear();
    await buy(gateway, { items: [amsterdam], idempotencyKey: 'lost' });
    expect(books(gateway)).toMatchObject({ liveOrders: orders, sent: 1 });
  });

  test('no answer at all: the outcome is unknown once the time is over', async () => {
    await using gateway = await start();
    gateway.sandbox.control.faults.add({ kind: 'hang', path: '/wallet/checkout' });
    const asked = gateway.ask(CheckoutDocument, { input: { items: [amsterdam] } });
    await gateway.clock.advance(31_000);
    expect((await asked).data?.checkout.__typename).toBe('OutcomeUnknownError');
  });

  test('while it is unknown another key does not buy one of its numbers, and is told which operation to ask for', async () => {
    await using gateway = await start();
    gateway.sandbox.control.faults.add({ kind: 'cut-before', path: '/wallet/*' });
    const [london] = forSale(gateway, 1);
    await buy(gateway, { items: london ? [amsterdam, london] : [], idempotencyKey: 'lost' });
    const refused = await buy(gateway, { items: [amsterdam], idempotencyKey: 'other' });
    expect(refused).toMatchObject({ __typename: 'ValidationError', fields: [{ path: 'items.0.e164' }] });
    expect(refused?.__typename === 'ValidationError' && refused.fields[0]?.message).toContain('"lost"');
    await gateway.app.storage.db.updateTable('operations').set({ viewer: 'somebody' }).execute();
    await gateway.app.storage.db.updateTable('operation_steps').set({ viewer: 'somebody' }).execute();
    const hidden = await buy(gateway, { items: [amsterdam], idempotencyKey: 'third' });
    expect(hidden?.__typename).toBe('ValidationError');
    expect(JSON.stringify(hidden)).not.toContain('lost');
    expect(books(gateway).sent).toBe(1);
  });
});

describe('an answer as DIDfarm may spell it', () => {
  test.each([
    ['bare', { envelope: 'bare' }, {}],
    ['with rates as strings', { ratesAs: 'string' }, { order: { total: { amount: '1.50' } } }],
    ['with another spelling of time', { timestamps: 'fraction-offset' }, {}],
    ['with the flag beside the envelope', { requiresRegulatory: 'top' }, {}],
    ['with the flag on the item', { requiresRegulatory: 'item' }, {}],
    ['with fields that nobody knows', { extraFields: true }, {}],
    ['without the ids of the numbers', { missingFields: ['item.did_number_id'] }, { bought: [{ didNumberId: null }] }],
    [
      'without the numbers',
      { missingFields: ['item.number'] },
      { bought: [{ e164: amsterdam.e164, city: 'Amsterdam' }] },
    ],
    [
      'without items',
      { missingFields: ['order.items'] },
      { order: { total: null, items: [{ e164: amsterdam.e164 }] } },
    ],
    [
      'with null for what may be null',
      { nullFields: ['item.city', 'item.monthly_rate', 'order.created_at'] },
      { order: { total: null } },
    ],
    ['with words that nobody knows', { unknownEnums: true }, { bought: [{ type: 'UNKNOWN', rawType: 'shared-cost' }] }],
  ])('is read: %s', async (_, variants, expected) => {
    await using gateway = await start();
    gateway.sandbox.control.variants.set(variants as object);
    const bought = await buy(gateway, { items: [amsterdam] });
    const regulatory = { order: { requiresRegulatory: true }, bought: [{ regulatoryStatus: 'REQUIRED' }] };
    expect(bought).toMatchObject({
      __typename: 'CheckoutPayload',
      wallet: { balance: { amount: '141.00' } },
      ...regulatory,
    });
    expect(bought).toMatchObject(expected);
  });

  test('without a word on documents: none are taken to be required', async () => {
    await using gateway = await start({ sandbox: { variants: { requiresRegulatory: 'absent' } } });
    expect(await buy(gateway, { items: [amsterdam] })).toMatchObject({ order: { requiresRegulatory: false } });
  });

  test('201 without the id of the order: the outcome is unknown', async () => {
    await using gateway = await start({ sandbox: { variants: { missingFields: ['order.order_id'] } } });
    expect((await buy(gateway, { items: [amsterdam] }))?.__typename).toBe('OutcomeUnknownError');
    expect(books(gateway)).toMatchObject({ liveOrders: 1, sent: 1 });
  });
});

test('two mutations in one document: the second payload shows what both did', async () => {
  await using gateway = await start();
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
