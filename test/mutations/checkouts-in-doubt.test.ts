import { expect, test } from 'vitest';
import { begin, breakOnce, buy, buying, calls, forSale, later, minute, operation, rest } from './evidence/lost.ts';

const day = 1440 * minute;

test('a checkout whose outcome nobody will know keeps its number from other keys for as long as a key is kept', async () => {
  await using gateway = await begin();
  const items = forSale(gateway, 1);
  await later(gateway, 15 * minute);
  gateway.sandbox.control.faults.add({ kind: 'status', status: 503, method: 'GET', path: '/wallet/*' });
  breakOnce(gateway, 'cut-before', '/wallet/checkout');
  expect(await buy(gateway, items)).toMatchObject({ __typename: 'OutcomeUnknownError' });
  await rest(gateway);
  gateway.clock.jump(29 * day);
  await later(gateway, minute);
  expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
  expect(await buy(gateway, items, 'other')).toMatchObject({
    __typename: 'ValidationError',
    fields: [{ message: expect.stringContaining('may have been bought already') }],
  });

  gateway.clock.jump(day);
  await later(gateway, minute);
  gateway.sandbox.control.faults.clear();
  expect(await buy(gateway, items, 'another')).toMatchObject({ __typename: 'CheckoutPayload' });
  expect(calls(gateway, buying)).toBe(2);
});
