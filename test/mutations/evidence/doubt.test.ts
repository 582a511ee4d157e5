import { describe, expect, test } from 'vitest';
import type { Variants } from '../../../src/sandbox/variants.ts';
import { SendMessageDocument } from '../../generated/graphql.ts';
import type { Gateway } from '../../support/gateway.ts';
import { begin, breakOnce, buy, buying, calls, forSale, later, minute, operation, rest, tell } from './lost.ts';

/** Rows of transactions in which DIDfarm leaves out, or says in its own words, what would tell what they are for. */
const obscure: [string, Partial<Variants>][] = [
  ['without a date', { missingFields: ['transaction.created_at'] }],
  ['without a reference', { nullFields: ['transaction.reference_id', 'transaction.reference_type'] }],
  ['without a kind', { missingFields: ['transaction.type'] }],
  ['in unknown words', { unknownEnums: true }],
];

async function aQuarterOfAnHour(gateway: Gateway): Promise<void> {
  for (let passed = 0; passed < 15; passed++) await later(gateway, minute);
}

describe('where the traces of a lost call are obscure, nobody is told that it was not done', () => {
  test.each(obscure)('a checkout that was done, its transaction %s', async (_what, variants) => {
    await using gateway = await begin({ sandbox: { variants } });
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    await buy(gateway, forSale(gateway, 1));
    await aQuarterOfAnHour(gateway);
    expect(['UNKNOWN', 'SUCCEEDED']).toContain((await operation(gateway))?.status);
    await buy(gateway, forSale(gateway, 1));
    expect(calls(gateway, buying)).toBe(1);
    expect(gateway.sandbox.control.state().liveOrders).toBe(1);
  });

  test.each(obscure)('a text that was sent, its charge %s', async (_what, variants) => {
    await using gateway = await begin({ sandbox: { variants } });
    const texting = gateway.sandbox.control.world.numbers
      .all()
      .find((each) => each.smsEnabled && each.status === 'active');
    breakOnce(gateway, 'cut-after', '/messages/send');
    const input = { from: texting?.e164 ?? '', to: '+31687654321', body: 'Hello', idempotencyKey: 'k' };
    await gateway.ask(SendMessageDocument, { input });
    await aQuarterOfAnHour(gateway);
    expect(['UNKNOWN', 'SUCCEEDED']).toContain((await operation(gateway))?.status);
  });
});

describe('a checkout that was not done is not taken for done', () => {
  test('because of an order of the same time, where its own price is not known', async () => {
    await using gateway = await begin();
    const [other] = forSale(gateway, 1);
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, [{ e164: '+31201234567', country: 'NL', type: 'LOCAL' }] as never);
    gateway.sandbox.control.world.orders.checkout([{ number: other?.e164 ?? '', country: 'GB', type: 'local' }]);
    await later(gateway, minute);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
  });

  test('because of an event of the order that its number came from before', async () => {
    await using gateway = await begin();
    const [item = { e164: '', country: 'GB', type: 'LOCAL' as const }] = forSale(gateway, 1);
    await tell(gateway, 'number.activated', { number: item.e164, trunk_uuid: null, order_id: 900 });
    await later(gateway, minute);
    await tell(gateway, 'number.released', { number: item.e164 });
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, [item]);
    await tell(gateway, 'number.activated', { number: item.e164, trunk_uuid: null, order_id: 900, retried: true });
    await rest(gateway);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
  });
});

test('an event that says a number is live, and not by which order, is no proof that nothing was bought', async () => {
  await using gateway = await begin({ sandbox: { variants: { missingFields: ['transaction.reference_type'] } } });
  const [item = { e164: '', country: 'GB', type: 'LOCAL' as const }] = forSale(gateway, 1);
  breakOnce(gateway, 'cut-after', '/wallet/checkout');
  await buy(gateway, [item]);
  await tell(gateway, 'number.activated', { number: item.e164, trunk_uuid: null });
  await aQuarterOfAnHour(gateway);
  expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
});
