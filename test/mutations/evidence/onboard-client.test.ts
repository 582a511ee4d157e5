import { expect, test } from 'vitest';
import { OnboardClientDocument } from '../../generated/graphql.ts';
import { begin, breakOnce, buying, calls, later, minute, operation, rest } from './lost.ts';

test('an onboarding that lost the answer of its checkout goes on with the number that was bought', async () => {
  await using gateway = await begin();
  const input = { name: 'Nieuwe Klant', country: 'GB', type: 'LOCAL' as const, idempotencyKey: 'k' };
  breakOnce(gateway, 'cut-after', '/wallet/checkout');
  expect((await gateway.ask(OnboardClientDocument, { input })).data?.onboardClient).toMatchObject({
    __typename: 'OutcomeUnknownError',
  });
  await rest(gateway);
  expect(await operation(gateway)).toMatchObject({
    status: 'PENDING',
    steps: expect.arrayContaining([expect.objectContaining({ name: 'checkout', status: 'SUCCEEDED' })]),
  });

  await later(gateway, minute);
  expect(calls(gateway, 'POST /portal/sip-trunks')).toBe(0);
  const goOn = async () => (await gateway.ask(OnboardClientDocument, { input })).data?.onboardClient;
  expect(await goOn()).toMatchObject({ __typename: 'ValidationError', code: 'NUMBER_ID_UNKNOWN' });
  await gateway.app.importNumbers(gateway.sandbox.control.numbersCsv(), 'csv');

  const [order] = gateway.sandbox.control.world.orders.live();
  expect(await goOn()).toMatchObject({
    __typename: 'OnboardClientPayload',
    order: { orderId: order?.id },
    number: { e164: order?.numbers[0]?.e164, client: { name: input.name } },
  });
  expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
  for (const route of [buying, 'POST /portal/sip-trunks', 'POST /portal/did-routing'])
    expect(calls(gateway, route)).toBe(1);
});
