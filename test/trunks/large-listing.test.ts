import { expect, test } from 'vitest';
import { accountId } from '../../src/access/viewer.ts';
import type { TrunkListing } from '../../src/didfarm/client.ts';
import { appendEvent } from '../../src/events/log.ts';
import type { Storage } from '../../src/storage/database.ts';
import { ensureTrunks, learnTrunks } from '../../src/trunks/learn.ts';
import { attribute } from '../../src/wallet/attribution.ts';
import { event } from '../events/support/event.ts';
import { createFakeClock } from '../support/clock.ts';
import { eachDatabase } from '../support/databases.ts';

const main = accountId('main');
const asOf = Date.parse('2026-04-05T12:00:00Z');
const account = { id: main, attribute, clock: createFakeClock(asOf), wake: () => undefined };
const many = 1_000;
/** Each has the others wait for its way to the database and back. */
const few = 40;

const uuidOf = (place: number) => `trk_${String(place).padStart(4, '0')}`;
const listed = (status: string, given: (place: number) => Partial<TrunkListing> = () => ({})): TrunkListing[] =>
  Array.from({ length: many }, (_, place) => ({
    ...{ sipTrunkId: place + 1, uuid: uuidOf(place), sipServer: null, username: null, authType: null },
    ...{ name: `Client ${place}`, status },
    ...given(place),
  }));

/** How many statements a listing took. */
async function learn(storage: Storage, second: number, items: readonly TrunkListing[]): Promise<number> {
  const before = storage.queries();
  await storage.transaction((trx) => learnTrunks(trx, account, { items, complete: true, asOf: asOf + second * 1_000 }));
  return storage.queries() - before;
}

const told = (storage: Storage) =>
  storage.db.selectFrom('events').select(['seq', 'trunk_key', 'name', 'client_key']).orderBy('seq').execute();
const trunks = (storage: Storage) => storage.db.selectFrom('trunks').selectAll().orderBy('trunk_key').execute();
const inOrder = Array.from({ length: many }, (_, place) => uuidOf(place));

eachDatabase('a listing of many trunks takes few statements', (open) => {
  test('where all are new, and tells the log of each in its order', async () => {
    const storage = await open();
    await storage.transaction((trx) => appendEvent(trx, main, event('before')));

    expect(await learn(storage, 0, listed('registered').toReversed())).toBeLessThanOrEqual(few);

    const events = (await told(storage)).slice(1);
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: many }, (_, place) => place + 2));
    expect(events.map((each) => each.trunk_key)).toEqual(inOrder.toReversed());
    expect((await trunks(storage)).map((trunk) => [trunk.trunk_key, trunk.sip_trunk_id, trunk.status])).toEqual(
      inOrder.map((uuid, place) => [uuid, place + 1, 'REGISTERED']),
    );
  });

  test('where all change, but for those that an event has told of since it was asked for', async () => {
    const storage = await open();
    await learn(storage, 0, listed('registered'));
    for (const place of [3, 5])
      await storage.transaction((trx) =>
        appendEvent(
          trx,
          main,
          event(`${place}`, {
            ...{ type: 'TRUNK_REGISTERED', name: 'trunk.registered', trunk_key: uuidOf(place), applied: 1 },
            ...{ at: asOf + place * 10_000, received_at: asOf + 60_000 },
          }),
        ),
      );

    expect(await learn(storage, 40, listed('offline'))).toBeLessThanOrEqual(few);

    const registered = (await trunks(storage)).filter((trunk) => trunk.status !== 'OFFLINE');
    expect(registered.map((trunk) => trunk.trunk_key)).toEqual([uuidOf(5)]);
    expect((await told(storage)).slice(many + 2).map((each) => each.trunk_key)).toEqual(
      inOrder.filter((uuid) => uuid !== uuidOf(5)),
    );
  });

  test('where all that were known by their uuid get a name, which what they have follows', async () => {
    const storage = await open();
    const before = storage.queries();
    await storage.transaction((trx) => ensureTrunks(trx, account, inOrder, asOf - 1_000));
    expect(storage.queries() - before).toBeLessThanOrEqual(few);
    for (const place of [0, 999])
      await storage.transaction((trx) =>
        appendEvent(trx, main, event(`${place}`, { trunk_key: uuidOf(place), client_key: uuidOf(place) })),
      );

    expect(await learn(storage, 0, listed('registered'))).toBeLessThanOrEqual(few);

    expect((await told(storage)).slice(0, 3).map((each) => each.client_key)).toEqual([
      'client 0',
      'client 999',
      'client 0',
    ]);
    expect((await trunks(storage)).map((trunk) => trunk.client_name)).toEqual(
      listed('registered').map(({ name }) => name),
    );
  });

  test('where none is there any more', async () => {
    const storage = await open();
    await learn(storage, 0, listed('registered'));

    expect(await learn(storage, 40, listed('registered').slice(0, 1))).toBeLessThanOrEqual(few);

    expect((await told(storage)).slice(many).map((each) => [each.trunk_key, each.name])).toEqual(
      inOrder.slice(1).map((uuid) => [uuid, 'trunk.unlisted']),
    );
  });

  test('where nothing changed, and says nothing', async () => {
    const storage = await open();
    await learn(storage, 0, listed('registered'));

    expect(await learn(storage, 40, listed('registered'))).toBeLessThanOrEqual(10);

    expect(await told(storage)).toHaveLength(many);
  });
});

eachDatabase('a listing in which trunks change their numbers', (open) => {
  test('leaves each with the number that it says, also where two have changed places', async () => {
    const storage = await open();
    await learn(storage, 0, listed('registered'));

    await learn(
      storage,
      40,
      listed('registered', (place) => ({ sipTrunkId: (place % 2 ? place - 1 : place + 1) + 1 })),
    );

    expect((await trunks(storage)).slice(0, 4).map((trunk) => trunk.sip_trunk_id)).toEqual([2, 1, 4, 3]);
  });

  test('makes one of two that it first says apart', async () => {
    const storage = await open();
    const row = { sipServer: null, username: null, authType: null, name: 'Acme', status: 'registered' };
    const items = [
      { ...row, sipTrunkId: null, uuid: 'trk_a' },
      { ...row, sipTrunkId: 1, uuid: null },
      { ...row, sipTrunkId: 1, uuid: 'trk_a', status: 'offline' },
    ];

    await learn(storage, 0, items);

    expect(await trunks(storage)).toMatchObject([{ trunk_key: 'trk_a', sip_trunk_id: 1, status: 'OFFLINE' }]);
  });
});
