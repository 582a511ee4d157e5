import { expect, test } from 'vitest';
import { accountId } from '../../src/access/viewer.ts';
import type { TrunkListing } from '../../src/didfarm/client.ts';
import type { Storage } from '../../src/storage/database.ts';
import { learnTrunks } from '../../src/trunks/learn.ts';
import { attribute } from '../../src/wallet/attribution.ts';
import { createFakeClock } from '../support/clock.ts';
import { eachDatabase } from '../support/databases.ts';

const clock = createFakeClock();
const account = { id: accountId('acme'), attribute, clock, wake: () => undefined };
const asOf = Date.parse('2026-04-05T12:00:00Z');

function listing(given: Partial<TrunkListing>): TrunkListing {
  const unknown = { sipTrunkId: null, uuid: null, sipServer: null, username: null, authType: null };
  return { ...unknown, name: 'Acme', status: 'registered', ...given };
}

const learn = (storage: Storage, at: number, ...items: TrunkListing[]) =>
  storage.transaction((trx) => learnTrunks(trx, account, { items, complete: false, asOf: at }));

const shown = (storage: Storage) =>
  storage.db.selectFrom('trunks').select(['trunk_key', 'sip_trunk_id', 'client_name']).orderBy('trunk_key').execute();

const told = (storage: Storage) =>
  storage.db.selectFrom('events').select(['trunk_key', 'type', 'name', 'at', 'confirmed_at']).orderBy('seq').execute();

eachDatabase('trunks that are learnt', (open) => {
  test('a number that names another trunk than before takes nothing of the old one along', async () => {
    const storage = await open();
    await learn(storage, asOf, listing({ sipTrunkId: 1, uuid: 'trk_a', name: 'Acme' }));
    await learn(storage, asOf + 1, listing({ sipTrunkId: 1, uuid: 'trk_b', name: 'Other' }));
    expect(await shown(storage)).toEqual([
      { trunk_key: 'trk_a', sip_trunk_id: null, client_name: 'Acme' },
      { trunk_key: 'trk_b', sip_trunk_id: 1, client_name: 'Other' },
    ]);
  });

  test('known by number and by uuid, they become one as soon as a row says both', async () => {
    const storage = await open();
    await learn(storage, asOf, listing({ sipTrunkId: 1 }), listing({ uuid: 'trk_a' }));
    await learn(storage, asOf + 1, listing({ sipTrunkId: 1, uuid: 'trk_a' }));
    expect(await shown(storage)).toEqual([{ trunk_key: 'trk_a', sip_trunk_id: 1, client_name: 'Acme' }]);
  });

  test('a name of spaces is none: the trunk keeps the one it had, or goes by its own id', async () => {
    const storage = await open();
    await learn(storage, asOf, listing({ uuid: 'trk_a', name: 'Acme' }));
    await learn(storage, asOf + 1, listing({ uuid: 'trk_a', name: '  ' }), listing({ uuid: 'trk_b', name: ' ' }));
    expect((await shown(storage)).map((row) => row.client_name)).toEqual(['Acme', 'trk_b']);
  });

  test('tell the log what changed, and only that', async () => {
    const storage = await open();
    await learn(storage, asOf, listing({ uuid: 'trk_a' }), listing({ uuid: 'trk_b' }));
    const later = asOf + 60_000;
    for (const at of [later, later + 60_000])
      await learn(storage, at, listing({ uuid: 'trk_a', status: 'offline' }), listing({ uuid: 'trk_b' }));

    expect(await told(storage)).toEqual([
      { trunk_key: 'trk_a', type: 'TRUNK_REGISTERED', name: 'trunk.registered', at: asOf, confirmed_at: null },
      { trunk_key: 'trk_b', type: 'TRUNK_REGISTERED', name: 'trunk.registered', at: asOf, confirmed_at: null },
      { trunk_key: 'trk_a', type: 'TRUNK_OFFLINE', name: 'trunk.offline', at: later, confirmed_at: asOf },
    ]);
  });

  test.each([
    ['active', 'TRUNK_REGISTERED', 'trunk.registered'],
    ['Unregistered ', 'TRUNK_OFFLINE', 'trunk.offline'],
    ['provisioning', 'UNKNOWN', 'trunk.provisioning'],
  ])('with the status %j for the first time are an event %s by the name of %s', async (status, type, name) => {
    const storage = await open();
    await learn(storage, asOf, listing({ uuid: 'trk_a', status }));
    expect(await told(storage)).toMatchObject([{ type, name }]);
    expect(await storage.db.selectFrom('events').select(['source', 'data', 'applied']).execute()).toEqual([
      { source: 'RECONCILED', data: JSON.stringify({ uuid: 'trk_a', sip_trunk_id: null, status }), applied: 1 },
    ]);
  });

  test('with a word that nobody knows are an event only where their status was known before', async () => {
    const storage = await open();
    await learn(storage, asOf, listing({ uuid: 'trk_a', status: 'In Maintenance €' }), listing({ uuid: 'trk_b' }));
    expect(await told(storage)).toHaveLength(1);
    await learn(storage, asOf + 1_000, listing({ uuid: 'trk_b', status: 'In Maintenance €' }));
    expect((await told(storage)).slice(1)).toMatchObject([
      { trunk_key: 'trk_b', type: 'UNKNOWN', name: 'trunk.in-maintenance-', confirmed_at: asOf },
    ]);
  });

  test('that a complete listing has no more are an event, and again when they are back', async () => {
    const storage = await open();
    await learn(storage, asOf, listing({ uuid: 'trk_a' }), listing({ uuid: 'trk_b' }));
    for (const at of [1, 2])
      await storage.transaction((trx) =>
        learnTrunks(trx, account, { items: [listing({ uuid: 'trk_b' })], complete: true, asOf: asOf + at * 1_000 }),
      );
    await learn(storage, asOf + 3_000, listing({ uuid: 'trk_a' }));
    expect((await told(storage)).slice(2)).toMatchObject([
      { trunk_key: 'trk_a', type: 'UNKNOWN', name: 'trunk.unlisted', at: asOf + 1_000 },
      { trunk_key: 'trk_a', type: 'TRUNK_REGISTERED', at: asOf + 3_000 },
    ]);
  });

  test('wake the readers of the log once it is committed, and not where it is rolled back or nothing changed', async () => {
    const storage = await open();
    const lengths: Promise<number>[] = [];
    const wake = () => void lengths.push(told(storage).then((events) => events.length));
    const items = [listing({ uuid: 'trk_a' }), listing({ uuid: 'trk_b' })];
    const list = (trx: Parameters<typeof learnTrunks>[0]) =>
      learnTrunks(trx, { ...account, wake }, { items, complete: true, asOf });

    const failing = storage.transaction(async (trx) => {
      await list(trx);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(lengths).toEqual([]);
    await storage.transaction(list);
    await storage.transaction(list);

    expect(await Promise.all(lengths)).toEqual([2]);
  });
});
