import { describe, expect, test } from 'vitest';
import { ApiError } from '../../src/sandbox/api-error.ts';
import { startGateway } from '../support/gateway.ts';
import { acme, books, candidates, onboard, posts, snatch, steps, stop } from './support/onboarding.ts';

describe('onboardClient', () => {
  test('searches, buys, makes the trunk and routes: the client has its number on its trunk', async () => {
    await using gateway = await startGateway();
    const [e164] = candidates(gateway, 1);
    const done = await onboard(gateway);
    const { world } = gateway.sandbox.control;
    const trunk = world.trunks.all().at(-1);
    const order = world.orders.live()[0];
    expect(done).toMatchObject({
      __typename: 'OnboardClientPayload',
      idempotencyKey: 'k',
      client: { name: 'Acme New', trunks: { nodes: [{ uuid: trunk?.uuid }] }, numbers: { nodes: [{ e164 }] } },
      number: {
        e164,
        status: 'PROVISIONING',
        trunk: { uuid: trunk?.uuid },
        client: { name: 'Acme New' },
        order: { orderId: order?.id },
      },
      trunk: { uuid: trunk?.uuid, name: 'Acme New', username: trunk?.username },
      order: { orderId: order?.id, total: { amount: '1.50' } },
      credentials: { username: trunk?.username, password: expect.stringMatching(/^.{24}$/) },
    });
    expect(world.numbers.byE164(String(e164))?.trunkId).toBe(trunk?.id);
    expect(await steps(gateway)).toEqual([
      'search SUCCEEDED',
      'checkout SUCCEEDED',
      'create-trunk SUCCEEDED',
      'route-number SUCCEEDED',
    ]);
    expect(posts(gateway)).toEqual([1, 1, 1]);
  });

  test('a repeat of the key does nothing, and answers without the password, which is kept nowhere', async () => {
    await using gateway = await startGateway();
    const first = await onboard(gateway);
    gateway.sandbox.control.resetCalls();
    expect(await onboard(gateway)).toEqual({ ...first, credentials: null });
    expect(gateway.sandbox.control.calls().total).toBe(0);
    const password = first?.__typename === 'OnboardClientPayload' && first.credentials?.password;
    const { db } = gateway.app.storage;
    const kept = [
      await db.selectFrom('operations').selectAll().execute(),
      await db.selectFrom('operation_steps').selectAll().execute(),
      gateway.log,
    ];
    expect(password).toHaveLength(24);
    expect(JSON.stringify(kept)).not.toContain(password);
  });

  test('a number that is snatched makes way for the next, four times', async () => {
    await using gateway = await startGateway();
    const fifth = candidates(gateway, 5).at(-1);
    snatch(gateway, 4);
    expect(await onboard(gateway)).toMatchObject({ __typename: 'OnboardClientPayload', number: { e164: fifth } });
    expect((await steps(gateway))?.slice(1, 6)).toEqual([
      'checkout FAILED',
      'checkout-2 FAILED',
      'checkout-3 FAILED',
      'checkout-4 FAILED',
      'checkout-5 SUCCEEDED',
    ]);
    expect(books(gateway)).toMatchObject({ liveOrders: 1 });
  });

  test('five snatched are enough; sent again it searches anew', async () => {
    await using gateway = await startGateway();
    const five = candidates(gateway, 5);
    snatch(gateway, 5);
    expect(await onboard(gateway)).toMatchObject({ __typename: 'NumberUnavailableError', gone: five });
    expect(posts(gateway)).toEqual([5, 0, 0]);
    expect(books(gateway)).toMatchObject({ liveOrders: 0 });
    expect((await onboard(gateway))?.__typename).toBe('OnboardClientPayload');
    expect(books(gateway)).toMatchObject({ liveOrders: 1 });
  });

  test('a purchase of a later candidate is not made again by the next sending', async () => {
    await using gateway = await startGateway();
    snatch(gateway, 2);
    const off = stop(gateway, '/portal/did-routing', 'refused');
    expect((await onboard(gateway))?.__typename).toBe('ValidationError');
    off();
    const third = gateway.sandbox.control.world.orders.live()[0]?.numbers[0]?.e164;
    expect(await onboard(gateway)).toMatchObject({ __typename: 'OnboardClientPayload', number: { e164: third } });
    expect(posts(gateway)).toEqual([3, 1, 2]);
    expect(books(gateway)).toMatchObject({ liveOrders: 1 });
  });

  test('what DIDfarm refuses of the number is said of the client’s own input', async () => {
    await using gateway = await startGateway();
    const errors = { 'items.0.country': ['No numbers of NL today.'] };
    gateway.sandbox.control.faults.add({
      kind: 'status',
      status: 422,
      code: 'no',
      message: 'No.',
      path: '/wallet/checkout',
    });
    expect(await onboard(gateway)).toMatchObject({ __typename: 'ValidationError', code: 'NO', fields: [] });
    gateway.sandbox.control.faults.clear();
    gateway.sandbox.control.world.orders.checkout = () => {
      throw new ApiError(422, 'validation_error', 'The given data was invalid.', errors);
    };
    expect(await onboard(gateway)).toMatchObject({
      fields: [{ path: 'country', message: 'No numbers of NL today.' }],
    });
    expect(posts(gateway)).toEqual([2, 0, 0]);
  });

  test('nothing for sale: nothing is done', async () => {
    await using gateway = await startGateway();
    expect(await onboard(gateway, { ...acme, city: 'Nowhere' })).toMatchObject({
      __typename: 'NumberUnavailableError',
      gone: [],
      message: 'Nothing is for sale that is LOCAL in Nowhere, NL. Nothing was bought.',
    });
    expect(posts(gateway)).toEqual([0, 0, 0]);
  });

  test.each([
    ['no name', { name: ' ' }, 'name'],
    ['a type that nobody sells', { type: 'UNKNOWN' }, 'type'],
  ] as const)('%s is refused before anything is sent', async (_, change, path) => {
    await using gateway = await startGateway();
    expect(await onboard(gateway, { ...acme, ...change })).toMatchObject({
      __typename: 'ValidationError',
      fields: [{ path }],
    });
    expect(gateway.sandbox.control.calls().total).toBe(0);
  });

  test('a wallet that is short stops it; topped up, the same key goes on', async () => {
    await using gateway = await startGateway({ sandbox: { balance: '1.49' } });
    expect(await onboard(gateway)).toMatchObject({
      __typename: 'InsufficientBalanceError',
      wallet: { balance: { amount: '1.49' } },
    });
    expect(posts(gateway)).toEqual([1, 0, 0]);
    gateway.sandbox.control.topUp('10.00');
    expect((await onboard(gateway))?.__typename).toBe('OnboardClientPayload');
  });

  test('while DIDfarm cannot be searched nothing is done, and it is no unknown outcome', async () => {
    await using gateway = await startGateway();
    const off = gateway.sandbox.control.faults.add({ kind: 'cut-before', path: '/numbers/search*' });
    expect(await onboard(gateway)).toMatchObject({ __typename: 'UpstreamError', retryable: true });
    off();
    await gateway.clock.advance(60_000);
    expect((await onboard(gateway))?.__typename).toBe('OnboardClientPayload');
  });
});
