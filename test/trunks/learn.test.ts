import { expect, test } from 'vitest';
import { accountId } from '../../src/access/viewer.ts';
import type { TrunkListing } from '../../src/didfarm/client.ts';
import type { Storage } from '../../src/storage/database.ts';
import { learnTrunks } from '../../src/trunks/learn.ts';
import { attribute } from '../../src/wallet/attribution.ts';
import { eachDatabase } from '../support/databases.ts';

const account = { id: accountId('acme'), attribute };
const asOf = Date.parse('2026-04-05T12:00:00Z');

function listing(given: Partial<TrunkListing>): TrunkListing {
  const unknown = { sipTrunkId: null, uuid: null, sipServer: null, username: null, authType: null };
  return { ...unknown, name: 'Acme', status: 'registered', ...given };
}

const learn = (storage: Storage, at: number, ...items: TrunkListing[]) =>
  storage.transaction((trx) => learnTrunks(trx, account, { items, complete: false, asOf: at }));

const shown = (storage: Storage) =>
  storage.db.selectFrom('trunks').select(['trunk_key', 'sip_trunk_id', 'client_name']).orderBy('trunk_key').execute();

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

  test('tells what changed, and only that', async () => {
    const storage = await open();
    expect(await learn(storage, asOf, listing({ uuid: 'trk_a' }), listing({ uuid: 'trk_b' }))).toEqual([]);
    const later = asOf + 60_000;
    const changes = await learn(
      storage,
      later,
      listing({ uuid: 'trk_a', status: 'offline' }),
      listing({ uuid: 'trk_b' }),
    );
    expect(changes).toEqual([{ trunkKey: 'trk_a', previous: 'REGISTERED', status: 'OFFLINE', at: later }]);
  });
});
