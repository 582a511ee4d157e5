import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { books, candidates, onboard, posts, steps } from './support/onboarding.ts';

test('no trunk is made, and no password shown to nobody, before its number can be routed to it', async () => {
  await using gateway = await startGateway({ sandbox: { variants: { missingFields: ['item.did_number_id'] } } });
  const [e164] = candidates(gateway, 1);
  const stopped = await onboard(gateway);
  expect(stopped).toMatchObject({
    __typename: 'ValidationError',
    code: 'NUMBER_ID_UNKNOWN',
    fields: [{ path: 'number' }],
    message: expect.stringContaining('no trunk was made for Acme New and nothing was routed'),
  });
  expect(posts(gateway)).toEqual([1, 0, 0]);
  expect(books(gateway)).toMatchObject({ liveOrders: 1, trunks: 8 });
  expect(await steps(gateway)).toEqual(['search SUCCEEDED', 'checkout SUCCEEDED']);

  const id = gateway.sandbox.control.world.numbers.byE164(String(e164))?.id;
  await gateway.app.importNumbers(`e164,did_number_id\n${e164},${id}`, 'csv');
  expect(await onboard(gateway)).toMatchObject({
    __typename: 'OnboardClientPayload',
    number: { e164, client: { name: 'Acme New' } },
    credentials: { password: expect.stringMatching(/^.{24}$/) },
  });
  expect(posts(gateway)).toEqual([1, 1, 1]);
  expect(books(gateway)).toMatchObject({ liveOrders: 1, trunks: 9 });
});
