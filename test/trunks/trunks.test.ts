import { describe, expect, test } from 'vitest';
import { NumbersDocument, TrunkDocument, TrunksDocument } from '../generated/graphql.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

const trunks = async (gateway: Gateway, filter?: Parameters<typeof JSON.stringify>[0]) =>
  (await gateway.ask(TrunksDocument, { first: 100, filter })).data?.trunks?.nodes ?? [];

describe('the trunks of the account', () => {
  test('are what DIDfarm lists, over all of its pages', async () => {
    await using gateway = await startGateway({ sandbox: { trunks: 60 } });
    const truth = gateway.sandbox.control.world.trunks.all();
    const shown = await trunks(gateway);
    expect(shown).toHaveLength(60);
    const byUuid = new Map(shown.map((trunk) => [trunk.uuid, trunk]));
    for (const trunk of truth)
      expect(byUuid.get(trunk.uuid)).toMatchObject({
        sipTrunkId: trunk.id,
        name: trunk.name,
        username: trunk.username,
      });
    expect(gateway.sandbox.control.calls().routes).toEqual({ 'GET /portal/sip-trunks': 3 });
  });

  test('one is found by its uuid and by its global id; one that is not there is null', async () => {
    await using gateway = await startGateway();
    const [trunk] = await trunks(gateway);
    const byUuid = await gateway.ask(TrunkDocument, { uuid: trunk?.uuid ?? '' });
    expect(byUuid.data?.trunk?.name).toBe(trunk?.name);
    expect((await gateway.ask(TrunkDocument, { uuid: trunk?.id ?? '' })).data).toEqual(byUuid.data);
    expect((await gateway.ask(TrunkDocument, { uuid: 'trk_none' })).data?.trunk).toBeNull();
    const client = await gateway.ask(TrunkDocument, { uuid: trunk?.client.id ?? '' });
    expect(client.errors?.[0]?.message).toContain('this is the id of a Client');
  });

  test('filters by status, client and text', async () => {
    await using gateway = await startGateway();
    const all = await trunks(gateway);
    const offline = all.filter((trunk) => trunk.status === 'OFFLINE');
    expect(await trunks(gateway, { status: ['OFFLINE'] })).toEqual(offline);
    const [first] = all;
    const own = all.filter((trunk) => trunk.client.id === first?.client.id);
    expect(await trunks(gateway, { client: first?.client.id })).toEqual(own);
    expect(await trunks(gateway, { search: first?.uuid.toUpperCase() })).toEqual([first]);
  });

  test.each(['registered', 'active', 'unknown'] as const)(
    'DIDfarm calls a status %s: it is read, and the word is kept',
    async (trunkStatus) => {
      await using gateway = await startGateway({ sandbox: { variants: { trunkStatus } } });
      const statuses = new Set((await trunks(gateway)).map((trunk) => `${trunk.rawStatus}: ${trunk.status}`));
      for (const each of statuses) {
        const [raw, status] = each.split(': ');
        if (trunkStatus === 'unknown' && raw !== 'provisioning') expect(status).toBe('UNKNOWN');
        else expect(['REGISTERED', 'OFFLINE', 'PROVISIONING', 'UNKNOWN']).toContain(status);
      }
      if (trunkStatus === 'registered') expect(statuses).toContain('registered: REGISTERED');
      if (trunkStatus === 'active') expect(statuses).toContain('active: REGISTERED');
    },
  );
});

describe('a trunk has two names, and DIDfarm may tell either', () => {
  test('listed by number alone it has a uuid of its own until DIDfarm tells one, and is one trunk afterwards', async () => {
    await using gateway = await startGateway({ imported: false, sandbox: { variants: { trunkIdentity: 'id' } } });
    const before = await trunks(gateway);
    expect(before.map((trunk) => trunk.uuid).sort()[0]).toMatch(/^id-\d+$/);
    gateway.sandbox.control.variants.set({ trunkIdentity: 'both' });
    await gateway.clock.advance(120_000);
    const after = await trunks(gateway);
    expect(after.map((trunk) => trunk.id)).toEqual(before.map((trunk) => trunk.id));
    expect(after.every((trunk) => trunk.uuid.startsWith('trk_'))).toBe(true);
    const answer = await gateway.ask(TrunkDocument, { uuid: after[0]?.uuid ?? '' });
    expect(answer.data?.trunk?.id).toBe(after[0]?.id);
  });

  test('known as two, once by number and once by uuid, they become one with all of its numbers', async () => {
    await using gateway = await startGateway({ sandbox: { variants: { trunkIdentity: 'id' } } });
    expect(await trunks(gateway)).not.toHaveLength(8);
    const assigned = (await gateway.ask(NumbersDocument, { first: 100, filter: { unassigned: false } })).data?.numbers;
    gateway.sandbox.control.variants.set({ trunkIdentity: 'both' });
    await gateway.clock.advance(120_000);
    const merged = await trunks(gateway);
    expect(merged).toHaveLength(8);
    const numbers = (await gateway.ask(NumbersDocument, { first: 100, filter: { unassigned: false } })).data?.numbers;
    expect(numbers?.nodes.map((number) => [number.e164, number.trunk?.uuid])).toEqual(
      assigned?.nodes.map((number) => [number.e164, number.trunk?.uuid]),
    );
    expect(numbers?.nodes.every((number) => !number.client?.name.startsWith('trk_'))).toBe(true);
  });
});

describe('a trunk that DIDfarm lists no more', () => {
  test('keeps its numbers and loses its status', async () => {
    await using gateway = await startGateway({ imported: false });
    await gateway.app.importNumbers('e164,trunk\n+31201234567,trk_gone', 'csv');
    await gateway.clock.advance(1);
    await trunks(gateway);
    const { data } = await gateway.ask(TrunkDocument, { uuid: 'trk_gone' });
    expect(data?.trunk).toMatchObject({ status: 'UNKNOWN', rawStatus: 'not listed', numbers: { totalCount: 1 } });
  });

  test('is not lost where the listing ended too early', async () => {
    await using gateway = await startGateway({ sandbox: { trunks: 30 } });
    await trunks(gateway);
    gateway.sandbox.control.faults.add({ kind: 'truncated', path: '/portal/sip-trunks?page=2' });
    await gateway.clock.advance(130_000);
    const shown = await trunks(gateway);
    expect(shown).toHaveLength(30);
    expect(shown.some((trunk) => trunk.rawStatus === 'not listed')).toBe(false);
  });
});

describe('freshness', () => {
  test('a dashboard that asks every 5 seconds for 10 minutes costs at most 3 listings a minute', async () => {
    await using gateway = await startGateway();
    for (let i = 0; i < 120; i++) {
      await trunks(gateway);
      await gateway.clock.advance(5_000);
    }
    const calls = gateway.sandbox.control.calls();
    expect(calls.total).toBeLessThanOrEqual(31);
    expect(calls.total).toBeGreaterThanOrEqual(10);
  });

  test('a status that changed is shown within the bound, with the time since when', async () => {
    await using gateway = await startGateway();
    const before = (await trunks(gateway)).find((trunk) => trunk.status === 'REGISTERED');
    gateway.sandbox.control.setTrunkStatus(before?.uuid ?? '', 'offline');
    await gateway.clock.advance(61_000);
    const after = (await trunks(gateway)).find((trunk) => trunk.uuid === before?.uuid);
    expect(after).toMatchObject({ status: 'OFFLINE', statusSince: new Date(gateway.clock.now()).toISOString() });
  });

  test('a webhook shows at once and costs no call, and a listing asked for in its second does not undo it', async () => {
    await using gateway = await startGateway();
    const before = (await trunks(gateway)).find((trunk) => trunk.status === 'REGISTERED');
    const uuid = before?.uuid ?? '';
    await gateway.clock.advance(61_400);
    const second = Math.floor(gateway.clock.now() / 1000) * 1000;
    expect((await gateway.deliver('trunk.offline', second, { trunk_uuid: uuid })).status).toBe(200);
    const shown = async () => (await trunks(gateway)).find((trunk) => trunk.uuid === uuid);
    expect(await shown()).toMatchObject({ status: 'OFFLINE', statusSince: new Date(second).toISOString() });
    const calls = gateway.sandbox.control.calls().total;
    await gateway.deliver('trunk.registered', second + 1_000, { trunk_uuid: uuid });
    expect((await shown())?.status).toBe('REGISTERED');
    expect(gateway.sandbox.control.calls().total).toBe(calls);
  });
});
