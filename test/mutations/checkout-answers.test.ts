import { describe, expect, test } from 'vitest';
import { CheckoutDocument } from '../generated/graphql.ts';
import { amsterdam, books, buy, forSale, startShop } from './support/shop.ts';

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
    await using gateway = await startShop();
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
    await using gateway = await startShop();
    gateway.sandbox.control.faults.add({ kind: 'hang', path: '/wallet/checkout' });
    const asked = gateway.ask(CheckoutDocument, { input: { items: [amsterdam] } });
    await gateway.clock.advance(31_000);
    expect((await asked).data?.checkout.__typename).toBe('OutcomeUnknownError');
  });

  test('while it is unknown another key does not buy one of its numbers, and is told which operation to ask for', async () => {
    await using gateway = await startShop();
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
    await using gateway = await startShop();
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
    await using gateway = await startShop({ sandbox: { variants: { requiresRegulatory: 'absent' } } });
    expect(await buy(gateway, { items: [amsterdam] })).toMatchObject({ order: { requiresRegulatory: false } });
  });

  test('201 without the id of the order: the outcome is unknown', async () => {
    await using gateway = await startShop({ sandbox: { variants: { missingFields: ['order.order_id'] } } });
    expect((await buy(gateway, { items: [amsterdam] }))?.__typename).toBe('OutcomeUnknownError');
    expect(books(gateway)).toMatchObject({ liveOrders: 1, sent: 1 });
  });
});
