import { expect, test } from 'vitest';
import { trimStretch } from '../../src/events/trim.ts';
import { learnTrunks } from '../../src/trunks/learn.ts';
import { eachDatabase } from '../support/databases.ts';
import { callerOf } from './support/graph.ts';
import { eachWithSandbox, type ListedReceiver } from './support/listed.ts';
import { moment, noon } from './support/receiver.ts';

const at = (second: number) => new Date(moment(second));
const start = eachWithSandbox();
const statusQuery =
  'subscription ($trunk: ID) { trunkStatus(trunk: $trunk) { trunk { status rawStatus } previous at } }';

/** So many seconds after noon the trunks are listed. */
async function listAt(receiver: ListedReceiver, second: number): Promise<void> {
  receiver.clock.jump(noon + second * 1000 - receiver.clock.now());
  await callerOf(receiver).ask('{ trunks { totalCount } }');
}

const told = async (receiver: ListedReceiver) =>
  (await receiver.log())
    .slice(3)
    .map(({ name, source, applied, at: time }) => [name, source, applied, (time - noon) / 1000]);

eachDatabase('a status that no webhook told', (open) => {
  test('is published as soon as a listing shows it, once, with what it was before', async () => {
    const receiver = await start(open);
    const stream = await callerOf(receiver).follow(statusQuery, { trunk: receiver.uuid(0) });
    await stream.next();
    const events = await callerOf(receiver).follow(
      'subscription { events { __typename source type name at data ... on TrunkEvent { trunk { uuid status } } } }',
    );

    receiver.list('offline');
    const [change, event] = [stream.next(), events.next()];
    await listAt(receiver, 100);
    await listAt(receiver, 200);

    expect(await change).toEqual({
      trunk: { status: 'OFFLINE', rawStatus: 'offline' },
      previous: 'REGISTERED',
      at: at(100),
    });
    expect(await event).toEqual({
      ...{ __typename: 'TrunkEvent', source: 'RECONCILED', type: 'TRUNK_OFFLINE', name: 'trunk.offline', at: at(100) },
      data: { uuid: receiver.uuid(0), sip_trunk_id: 1, status: 'offline' },
      trunk: { uuid: receiver.uuid(0), status: 'OFFLINE' },
    });
    expect(await told(receiver)).toEqual([['trunk.offline', 'RECONCILED', 1, 100]]);
    await Promise.all([stream.end(), events.end()]);
  });

  test('is neither undone nor doubled by its webhook that comes later, which says since when', async () => {
    const receiver = await start(open);
    receiver.list('offline');
    await listAt(receiver, 100);
    const stream = await callerOf(receiver).follow(statusQuery, { trunk: receiver.uuid(0) });
    await stream.next();

    await receiver.drop(70);
    await receiver.sendEvent('trunk.registered', 65, { trunk_uuid: receiver.uuid(0) });
    expect(await receiver.trunk(receiver.uuid(0))).toMatchObject({ status: 'OFFLINE', status_since: at(70).getTime() });
    await listAt(receiver, 200);
    await receiver.register(201);

    expect(await stream.next()).toMatchObject({ trunk: { status: 'REGISTERED' }, previous: 'OFFLINE', at: at(201) });
    expect(await told(receiver)).toEqual([
      ['trunk.offline', 'RECONCILED', 1, 100],
      ['trunk.offline', 'WEBHOOK', 0, 70],
      ['trunk.registered', 'WEBHOOK', 0, 65],
      ['trunk.registered', 'WEBHOOK', 1, 201],
    ]);
    await stream.end();
  });

  test('is not believed of a listing that is older than the newest event, though the status began before both', async () => {
    const receiver = await start(open);
    const { storage } = receiver.account;
    await receiver.register(10);
    await receiver.register(30);
    const [uuid = ''] = receiver.uuids;
    const row = { uuid, sipTrunkId: 1, name: 'Acme Corp', sipServer: null, username: null, authType: null };
    const list = (second: number) =>
      storage.transaction((trx) =>
        learnTrunks(trx, receiver.account, {
          items: [{ ...row, status: 'offline' }],
          complete: false,
          asOf: noon + second * 1000,
        }),
      );

    await list(20);
    await list(30.9);
    expect(await receiver.trunk(uuid)).toMatchObject({ status: 'REGISTERED' });
    expect(await told(receiver)).toHaveLength(2);
    await list(31);
    expect(await receiver.trunk(uuid)).toMatchObject({ status: 'OFFLINE' });
  });

  test('is an event too where a later webhook tells of another one before it, and is not undone by that', async () => {
    const receiver = await start(open);
    await listAt(receiver, 1_000);
    const caller = callerOf(receiver);
    const stream = await caller.follow(statusQuery, { trunk: receiver.uuid(0) });
    await stream.next();
    const late = { trunk_uuid: receiver.uuid(0) };

    await receiver.sendEvent('trunk.offline', 700, late);

    expect(await receiver.trunk(receiver.uuid(0))).toMatchObject({
      status: 'REGISTERED',
      status_since: at(1_000).getTime(),
    });
    expect(await told(receiver)).toEqual([
      ['trunk.offline', 'WEBHOOK', 0, 700],
      ['trunk.registered', 'RECONCILED', 1, 1_000],
    ]);
    await receiver.sendEvent('trunk.offline', 698, late);
    await receiver.sendEvent('trunk.registered', 799, late);
    expect(await receiver.trunk(receiver.uuid(0))).toMatchObject({
      status: 'REGISTERED',
      status_since: at(799).getTime(),
    });
    expect(await told(receiver)).toHaveLength(4);
    const shares = await caller.ask<{ trunk: { availability: number } }>(
      `query ($uuid: ID!) { trunk(uuid: $uuid) { availability(from: "${moment(0)}", to: "${moment(1_000)}") } }`,
      { uuid: receiver.uuid(0) },
    );
    expect(shares.trunk.availability).toBeCloseTo((698 + 201) / 1_000);
    receiver.clock.jump(100_000);
    await receiver.drop(1_100);
    expect(await stream.next()).toMatchObject({ trunk: { status: 'OFFLINE' }, previous: 'REGISTERED', at: at(1_100) });
    await stream.end();
  });

  test('is undone by one so little older that the clock which dated it may be behind', async () => {
    const receiver = await start(open);
    await listAt(receiver, 1_000);

    await receiver.sendEvent('trunk.offline', 701, { trunk_uuid: receiver.uuid(0) });

    expect(await receiver.trunk(receiver.uuid(0))).toMatchObject({
      status: 'OFFLINE',
      status_since: at(701).getTime(),
    });
  });

  test('is what the trunk was before, also where the log no longer has it', async () => {
    const receiver = await start(open);
    receiver.list('offline');
    await listAt(receiver, 100);
    const { storage, id } = receiver.account;
    await receiver.sendEvent('e', 101, {});
    await storage.transaction((trx) => trimStretch(trx, id, { since: 0, count: 1, digestsSince: 0 }));
    const stream = await callerOf(receiver).follow(statusQuery, { trunk: receiver.uuid(0) });
    await stream.next();

    await receiver.register(102);

    expect(await stream.next()).toMatchObject({ trunk: { status: 'REGISTERED' }, previous: 'OFFLINE' });
    await stream.end();
  });

  test('keeps the moment since when a status is, also where the log no longer has its beginning', async () => {
    const receiver = await start(open);
    const { storage, id } = receiver.account;
    await receiver.drop(10);
    await receiver.sendEvent('e', 11, {});
    await storage.transaction((trx) => trimStretch(trx, id, { since: 0, count: 1, digestsSince: 0 }));

    for (const second of [50, 40]) await receiver.drop(second);

    expect(await receiver.trunk(receiver.uuid(0))).toMatchObject({ status: 'OFFLINE', status_since: at(10).getTime() });
  });

  test('stands among the webhooks in the pages of its trunk', async () => {
    const receiver = await start(open);
    receiver.list('offline');
    await listAt(receiver, 100);
    await receiver.register(101);
    receiver.list('offline');
    await listAt(receiver, 200);
    const caller = callerOf(receiver);
    const query = `query ($uuid: ID!, $filter: EventFilter, $after: String) { trunk(uuid: $uuid) {
      events(first: 1, filter: $filter, after: $after) {
        totalCount nodes { source type } pageInfo { endCursor hasNextPage } } } }`;
    const pages = async (filter: object) => {
      const seen: object[] = [];
      let after: string | null = null;
      do {
        const {
          trunk,
        }: { trunk: { events: { nodes: object[]; pageInfo: { endCursor: string; hasNextPage: boolean } } } } =
          await caller.ask(query, { uuid: receiver.uuid(0), filter, after });
        seen.push(...trunk.events.nodes.flatMap((node) => Object.values(node)));
        after = trunk.events.pageInfo.hasNextPage ? trunk.events.pageInfo.endCursor : null;
      } while (after !== null);
      return seen;
    };

    const [first, back, again] = [
      ['RECONCILED', 'TRUNK_REGISTERED'],
      ['WEBHOOK', 'TRUNK_REGISTERED'],
      ['RECONCILED', 'TRUNK_OFFLINE'],
    ] as const;
    expect(await pages({})).toEqual([...again, ...back, ...again, ...first]);
    expect(await pages({ types: ['TRUNK_REGISTERED'] })).toEqual([...back, ...first]);

    const begun: { trunk: { events: { pageInfo: { endCursor: string } } } } = await caller.ask(query, {
      uuid: receiver.uuid(0),
      filter: { types: ['TRUNK_REGISTERED'], number: null },
    });
    for (const second of [201, 202, 203]) await receiver.register(second);
    const { storage, id } = receiver.account;
    await storage.transaction((trx) => trimStretch(trx, id, { since: 0, count: 1, digestsSince: 0 }));
    const old = { uuid: receiver.uuid(0), after: begun.trunk.events.pageInfo.endCursor };
    await expect(caller.ask(query, old)).rejects.toMatchObject({ extensions: { code: 'CURSOR_EXPIRED' } });
  });

  test('a trunk that a webhook names for the first time is listed for the next reader, and named', async () => {
    const receiver = await start(open);
    const { trunk } = receiver.sandbox.control.world.trunks.create('Newcomer', 'digest');
    const before = receiver.calls();

    await receiver.sendEvent('trunk.registered', 1, { trunk_uuid: trunk.uuid });
    await receiver.sendEvent('trunk.registered', 2, { trunk_uuid: trunk.uuid });
    const query = `{ trunk(uuid: "${trunk.uuid}") { name status } }`;
    const { trunk: shown } = await callerOf(receiver).ask(query);
    await callerOf(receiver).ask(query);

    expect(shown).toEqual({ name: 'Newcomer', status: 'REGISTERED' });
    expect(receiver.calls()).toBe(before + 1);
  });
});
