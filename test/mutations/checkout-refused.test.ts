import { describe, expect, test } from 'vitest';
import { CheckoutDocument, type CheckoutInput } from '../generated/graphql.ts';
import { amsterdam, books, buy, forSale, startShop } from './support/shop.ts';

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
    await using gateway = await startShop();
    const refused = await buy(gateway, { items });
    expect(refused).toMatchObject({ __typename: 'ValidationError', code: 'VALIDATION_FAILED' });
    expect(refused?.__typename === 'ValidationError' && refused.fields.map((field) => field.path)).toEqual(paths);
    expect(gateway.sandbox.control.calls().total).toBe(0);
    expect(books(gateway)).toMatchObject({ balance: '142.50', liveOrders: 0 });
  });

  test('of a number that is the account’s is refused; one that was released may be bought again', async () => {
    await using gateway = await startShop();
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
    await using gateway = await startShop();
    expect((await buy(gateway, { items: [item] }))?.__typename).toBe(outcome);
  });

  test.each([
    ['no number', { ...amsterdam, e164: '020 123' }],
    ['no country', { ...amsterdam, country: 'XX' }],
  ])('%s at all is the query’s own fault', async (_, item) => {
    await using gateway = await startShop();
    const answer = await gateway.ask(CheckoutDocument, { input: { items: [item] } });
    expect(answer.errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    expect(gateway.sandbox.control.calls().total).toBe(0);
  });

  test.each([
    ['of 10,000 characters', 'k'.repeat(10_000)],
    ['that is empty', ''],
  ])('a key %s is refused', async (_, idempotencyKey) => {
    await using gateway = await startShop();
    expect(await buy(gateway, { items: [amsterdam], idempotencyKey })).toMatchObject({
      __typename: 'ValidationError',
      fields: [{ path: 'idempotencyKey' }],
    });
    expect(books(gateway).sent).toBe(0);
  });

  test('a key with another input is refused, whatever became of the first', async () => {
    await using gateway = await startShop();
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

describe('a number that somebody else snatched', () => {
  test('is named, and the others stay for sale', async () => {
    await using gateway = await startShop();
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
    await using gateway = await startShop();
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
    await using gateway = await startShop({ sandbox: { balance: '0.10', variants: { errors } } });
    expect((await buy(gateway, { items: [amsterdam] }))?.__typename).toBe(typename);
  });

  test.each(['object', 'laravel'] as const)('comes back at the field of the input: %s', async (errors) => {
    await using gateway = await startShop({ sandbox: { variants: { errors } } });
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
    await using gateway = await startShop();
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
