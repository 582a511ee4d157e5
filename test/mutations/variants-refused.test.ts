import { expect, test } from 'vitest';
import { CheckoutDocument, type CheckoutItemInput } from '../generated/graphql.ts';
import { changes, factsOf, pass, performing, startVariant, subjects } from '../support/deeds.ts';
import type { Refused } from '../support/differences.ts';
import type { Facts } from '../support/facts.ts';
import { variantCases } from '../support/variants.ts';

/** How DIDfarm's refusals are told where it says all there is to say. */
const usually = (gone: string): Readonly<Record<Refused, Facts>> => ({
  gone: { __typename: 'NumberUnavailableError', code: 'NUMBER_UNAVAILABLE', 'gone.0': gone },
  poor: { __typename: 'InsufficientBalanceError', code: 'INSUFFICIENT_BALANCE', 'wallet.balance.amount': '10.00' },
  mismatched: {
    __typename: 'ValidationError',
    code: 'VALIDATION_ERROR',
    'fields.0.path': 'items.0.type',
    'fields.0.message': expect.stringContaining('type does not match'),
  },
  limited: { __typename: 'RateLimitedError', code: 'RATE_LIMITED', retryAfterSeconds: 60 },
});

test.each(variantCases)('a refusal says why, and does nothing: $name', async (variant) => {
  await using gateway = await startVariant(variant);
  const { control } = gateway.sandbox;
  const { number } = subjects(gateway);
  const { inventory } = control.world;
  const buy = (idempotencyKey: string, item: Partial<CheckoutItemInput>) =>
    factsOf(gateway, CheckoutDocument, { input: { items: [{ ...number, ...item }], idempotencyKey } });
  const first = (country: string, type: string) => inventory.search({ country, type }, 0, 1).found[0]?.e164 ?? '';
  const sold = first('GB', 'local');
  inventory.sell(sold);
  const { checkout } = await performing(gateway);

  const gone = await buy('gone', { e164: sold, country: 'GB' });
  const poor = await buy('poor', { e164: first('NL', 'toll-free'), type: 'TOLL_FREE' });
  const mismatched = await buy('mismatched', { type: 'NATIONAL' });
  control.setRateLimit(1);
  const limited = await checkout();

  const expected = usually(sold);
  for (const [name, facts] of Object.entries({ gone, poor, mismatched, limited })) {
    const difference = variant.differences.refused?.[name as Refused];
    const whole =
      difference?.['__typename'] === undefined ? { ...expected[name as Refused], ...difference } : difference;
    expect(facts, name).toEqual({ ...whole, message: expect.any(String) });
  }
  expect(changes(gateway)).toEqual({});
  expect(control.state()).toMatchObject({ balance: '10.00', liveOrders: 0 });

  // The key that came too early is sent again, and does what it is to, once.
  control.setRateLimit(60);
  await pass(gateway, 60_000);
  const done = variant.differences.done?.checkout?.['__typename'] ?? 'CheckoutPayload';
  expect((await checkout())['__typename']).toBe(done);
  expect(changes(gateway)).toEqual({ 'POST /wallet/checkout': 1 });
  expect(control.state()).toMatchObject({ balance: '8.50', liveOrders: 1 });
});
