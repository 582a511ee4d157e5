import { expect, test } from 'vitest';
import { ImportNumbersDocument, OnboardClientDocument } from '../../generated/graphql.ts';
import { begin, breakOnce, buying, calls, later, minute, operation, rest, tell } from './lost.ts';

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

test.each(['importNumbers', 'number.activated'])(
  'an onboarding that waits for the id of its number says how to supply it, and goes on once it is known by %s',
  async (by) => {
    await using gateway = await begin();
    const input = { name: 'Nieuwe Klant', country: 'GB', type: 'LOCAL' as const, idempotencyKey: 'k' };
    const onboard = async () => (await gateway.ask(OnboardClientDocument, { input })).data?.onboardClient;
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    await onboard();
    await rest(gateway);
    const [order] = gateway.sandbox.control.world.orders.live();
    const { e164 = '', id } = order?.numbers[0] ?? {};
    expect(await onboard()).toMatchObject({
      __typename: 'ValidationError',
      code: 'NUMBER_ID_UNKNOWN',
      message: expect.stringMatching(
        `order ${order?.id} has bought \\${e164}; no trunk was made .* Send it again with the same key .*importNumbers\\(input: \\{numbers: \\[\\{e164: "\\${e164}", didNumberId: …\\}\\]\\}\\)`,
      ),
    });

    if (by === 'importNumbers')
      await gateway.ask(ImportNumbersDocument, { input: { numbers: [{ e164, didNumberId: id ?? 0 }] } });
    else {
      const told = { number: e164, did_number_id: id, trunk_uuid: null, order_id: order?.id };
      await tell(gateway, 'number.activated', told);
    }
    expect(await operation(gateway)).toMatchObject({ status: 'FAILED', error: { code: 'NUMBER_ID_UNKNOWN' } });

    expect(await onboard()).toMatchObject({
      __typename: 'OnboardClientPayload',
      number: { e164, client: { name: input.name } },
      credentials: { password: expect.any(String) },
    });
    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    for (const route of [buying, 'POST /portal/sip-trunks', 'POST /portal/did-routing'])
      expect(calls(gateway, route)).toBe(1);
  },
);

test('an onboarding whose purchase was taken for another order shows the right one once an event names it', async () => {
  await using gateway = await begin();
  const input = { name: 'Nieuwe Klant', country: 'GB', type: 'LOCAL' as const, idempotencyKey: 'k' };
  const onboard = async () => (await gateway.ask(OnboardClientDocument, { input })).data?.onboardClient;
  breakOnce(gateway, 'cut-after', '/wallet/checkout');
  await onboard();
  await rest(gateway);
  await gateway.app.importNumbers(gateway.sandbox.control.numbersCsv(), 'csv');
  const [order] = gateway.sandbox.control.world.orders.live();
  expect(await onboard()).toMatchObject({ __typename: 'OnboardClientPayload', order: { orderId: order?.id } });
  const real = Number(order?.id) + 7;
  await tell(gateway, 'number.activated', { number: order?.numbers[0]?.e164, trunk_uuid: null, order_id: real });

  expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await onboard()).toMatchObject({
    __typename: 'OnboardClientPayload',
    order: { orderId: real },
    number: { e164: order?.numbers[0]?.e164 },
    trunk: { name: input.name },
  });
  expect(calls(gateway, buying)).toBe(1);
});
