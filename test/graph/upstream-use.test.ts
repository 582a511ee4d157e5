import { describe, expect, test } from 'vitest';
import { accountId, clientKey, type Viewer } from '../../src/access/viewer.ts';
import { upstreamNeed } from '../../src/graph/upstream-need.ts';
import { createUpstreamUse, shownPart, spenderOf } from '../../src/graph/upstream-use.ts';
import { createTrunk } from '../../src/mutations/create-trunk.ts';
import { searchAvailable } from '../../src/numbers/available.ts';
import { examplesAt } from '../../src/server/examples.ts';
import { openStorage } from '../../src/storage/database.ts';
import { refreshTrunks } from '../../src/trunks/refresh.ts';
import { startActing } from '../operations/support/acting.ts';
import { contextOf } from '../support/context.ts';
import { startGateway } from '../support/gateway.ts';

const viewer = (part: Partial<Viewer>): Viewer => ({
  account: accountId('main'),
  name: 'noc',
  role: 'ADMIN',
  client: null,
  ...part,
});

describe('a viewer’s part of the ration', () => {
  test('is by its role, and at least one request', () => {
    const parts = (['ADMIN', 'OPERATOR', 'READER', 'CLIENT'] as const).map((role) => spenderOf(viewer({ role }), 60));

    expect(parts.map(({ perMinute, atOnce }) => [perMinute, atOnce])).toEqual([
      [60, 8],
      [45, 6],
      [30, 4],
      [15, 2],
    ]);
    expect(spenderOf(viewer({ role: 'CLIENT' }), 1).perMinute).toBe(1);
  });

  test('is one for all viewers of a client, and no viewer’s name makes it that of another', () => {
    const client = clientKey('Blue Bicycle');
    const portal = (name: string) => spenderOf(viewer({ name, role: 'CLIENT', client }), 60).name;

    expect(portal('ann')).toBe(portal('bob'));
    expect(portal('ann')).not.toBe(spenderOf(viewer({ name: 'client blue bicycle' }), 60).name);
    expect(spenderOf(viewer({ name: 'ann' }), 60).name).not.toBe(spenderOf(viewer({ name: 'bob' }), 60).name);
  });
});

test('what an operation is reckoned to need of DIDfarm is no more than it takes', async () => {
  await using gateway = await startGateway();
  const example = examplesAt(0).find(({ query }) => query.includes('onboardClient'))?.query ?? '';
  const first = await gateway.askText(example);
  const calls = first.extensions?.upstream.calls ?? 0;

  expect(calls).toBeGreaterThanOrEqual(
    (upstreamNeed['Mutation.onboardClient'] ?? Number.NaN) + (upstreamNeed['Mutation.sendMessage'] ?? Number.NaN),
  );
});

test('what is left of it is shown with the time as frontends read it', () => {
  const resetsAt = Date.parse('2026-01-15T12:00:00Z');

  expect(shownPart({ limitPerMinute: 15, remaining: 3, resetsAt })).toEqual({
    limitPerMinute: 15,
    remaining: 3,
    resetsAt: '2026-01-15T12:00:00.000Z',
  });
  expect(shownPart({ limitPerMinute: 15, remaining: 15, resetsAt: null })).toMatchObject({ resetsAt: null });
});

describe('what is paid for by whom:', () => {
  test('a search and a mutation by the viewer whose words they are, the account’s picture by the account', async () => {
    await using acting = await startActing();
    const storage = await openStorage('sqlite::memory:');
    const { account, engine } = acting.start(storage);
    const ann = spenderOf(viewer({ name: 'ann', account: account.id }), 60);
    const use = createUpstreamUse(acting.clock.now() + 10_000, undefined, ann);
    const context = { ...contextOf(account, viewer({ name: 'ann', account: account.id })), use };
    const left = () => account.didfarm.share(ann).remaining;

    await refreshTrunks(account, use);
    expect([use.calls(), left()]).toEqual([1, 60]);

    await searchAvailable(context, { country: 'NL', type: 'LOCAL', city: 'Amsterdam' }, { first: 1 });
    expect([use.calls(), left()]).toEqual([2, 59]);

    const settled = await engine.perform(createTrunk, {
      viewer: 'ann',
      scope: context.scope,
      idempotencyKey: 'a trunk',
      input: { name: 'Blue Bicycle', authType: 'digest' },
      onSent: use.onSent,
      spender: use.spender,
    });
    expect([settled.status, left()]).toEqual(['SUCCEEDED', 58]);
    await storage.close();
  });
});
