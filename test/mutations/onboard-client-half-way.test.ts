import { describe, expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { books, candidates, onboard, posts, steps, stop } from './support/onboarding.ts';

describe('a failure after the purchase', () => {
  test('at the trunk says what there is and what remains; the same key goes on from there, with the password', async () => {
    await using gateway = await startGateway();
    const [e164] = candidates(gateway, 1);
    const off = stop(gateway, '/portal/sip-trunks', 'refused');
    const failed = await onboard(gateway);
    const orderId = gateway.sandbox.control.world.orders.live()[0]?.id;
    expect(failed).toMatchObject({
      __typename: 'ValidationError',
      code: 'ODD',
      message: `It stopped half-way: order ${orderId} has bought ${e164}; no trunk was made for Acme New and nothing was routed. Send it again with the same key to go on from there. The reason: POST /portal/sip-trunks: DIDfarm answered 422: Not now.`,
    });
    expect(await steps(gateway)).toEqual(['search SUCCEEDED', 'checkout SUCCEEDED', 'create-trunk FAILED']);
    off();
    const { balance } = books(gateway);
    expect(await onboard(gateway)).toMatchObject({
      __typename: 'OnboardClientPayload',
      number: { e164 },
      credentials: { password: expect.any(String) },
    });
    expect(books(gateway)).toMatchObject({ balance, liveOrders: 1, trunks: 9 });
    expect(posts(gateway)).toEqual([1, 2, 1]);
  });

  test('at the routing says that the trunk is there and its password was not shown; nothing is made twice', async () => {
    await using gateway = await startGateway();
    const off = stop(gateway, '/portal/did-routing', 'refused');
    const failed = await onboard(gateway);
    const trunk = gateway.sandbox.control.world.trunks.all().at(-1);
    expect(failed?.__typename === 'ValidationError' && failed.message).toMatch(
      new RegExp(
        `order \\d+ has bought \\+31\\d+, and trunk ${trunk?.uuid} was made for Acme New \\(its password was not shown`,
      ),
    );
    expect(await onboard(gateway)).toMatchObject({ message: expect.stringContaining('was not shown') });
    off();
    expect(await onboard(gateway)).toMatchObject({
      __typename: 'OnboardClientPayload',
      trunk: { uuid: trunk?.uuid },
      credentials: null,
    });
    expect(books(gateway)).toMatchObject({ liveOrders: 1, trunks: 9 });
    expect(posts(gateway)).toEqual([1, 1, 3]);
  });

  test('an answer without the number’s id stops before the routing, and once a listing tells it goes on', async () => {
    await using gateway = await startGateway({ sandbox: { variants: { missingFields: ['item.did_number_id'] } } });
    const [e164] = candidates(gateway, 1);
    expect(await onboard(gateway)).toMatchObject({ __typename: 'ValidationError', code: 'NUMBER_ID_UNKNOWN' });
    const id = gateway.sandbox.control.world.numbers.byE164(String(e164))?.id;
    await gateway.app.importNumbers(`e164,did_number_id\n${e164},${id}`, 'csv');
    expect((await onboard(gateway))?.__typename).toBe('OnboardClientPayload');
    expect(books(gateway)).toMatchObject({ liveOrders: 1, trunks: 9 });
  });

  test('a trunk that is made without its number is listed before it is routed to', async () => {
    await using gateway = await startGateway({ sandbox: { variants: { createdTrunkIdentity: 'uuid' } } });
    expect((await onboard(gateway))?.__typename).toBe('OnboardClientPayload');
  });

  test.each([
    ['/wallet/checkout', [1, 0, 0]],
    ['/portal/sip-trunks', [1, 1, 0]],
    ['/portal/did-routing', [1, 1, 1]],
  ] as const)('an answer of %s that is lost: unknown, and nothing goes on by itself', async (path, expected) => {
    await using gateway = await startGateway();
    const off = stop(gateway, path, 'cut-after');
    expect(await onboard(gateway)).toMatchObject({
      __typename: 'OutcomeUnknownError',
      operation: { mutation: 'onboardClient' },
    });
    off();
    expect(posts(gateway)).toEqual(expected);
    expect(books(gateway)).toMatchObject({ liveOrders: 1 });
  });
});
