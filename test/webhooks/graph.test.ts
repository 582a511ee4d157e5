import { afterEach, beforeEach, expect, test } from 'vitest';
import { clientKey } from '../../src/access/viewer.ts';
import { encodeId } from '../../src/graph/identifiers.ts';
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { eachDatabase, type OpenDatabase } from '../support/databases.ts';
import { callerOf } from './support/graph.ts';
import { createReceiver, moment, noon, number, type Receiver } from './support/receiver.ts';

interface Page {
  readonly nodes: readonly Readonly<Record<string, unknown>>[];
  readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
  readonly totalCount: number;
}

let sandbox: Sandbox;
let uuids: readonly string[];
const uuid = (index: number) => uuids[index] ?? '';
const at = (second: number) => new Date(moment(second));

beforeEach(async () => {
  sandbox = createSandbox({ trunks: 3, numbers: 2, transactions: 0, rateLimit: null });
  await sandbox.listen();
});
afterEach(() => sandbox.close());

async function startReceiver(open: OpenDatabase): Promise<Receiver> {
  const receiver = createReceiver(await open(), { apiUrl: sandbox.apiUrl, apiKey: sandbox.apiKey });
  const { trunks } = await callerOf(receiver).ask<{ trunks: Page }>('{ trunks { nodes { uuid } } }');
  uuids = trunks.nodes.map((trunk) => String(trunk['uuid']));
  return receiver;
}

async function sendOneOfEach(receiver: Receiver): Promise<void> {
  await receiver.sendEvent('number.activated', 1, { number, trunk_uuid: uuid(0), order_id: 1042 });
  await receiver.sendEvent('trunk.offline', 2, { trunk_uuid: uuid(0) });
  await receiver.sendEvent('message.received', 3, { id: 1, from: '+31687654321', to: number, body: 'Hi' });
  await receiver.sendEvent('custom.thing', 4, { a: [1] });
}

const eventsQuery = `query ($filter: EventFilter, $first: Int, $after: String) {
  events(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage }
    nodes {
      __typename id type name source at receivedAt cursor data
      ... on NumberEvent { number { e164 status order { orderId placedAt total { amount } } } }
      ... on TrunkEvent { trunk { uuid status } }
      ... on MessageEvent { message { body number { e164 } } }
    }
  }
}`;

eachDatabase('events in the graph', (open) => {
  test('are listed newest first, each with what it is about', async () => {
    const receiver = await startReceiver(open);
    await sendOneOfEach(receiver);

    const { events } = await callerOf(receiver).ask<{ events: Page }>(eventsQuery);

    expect(events).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: false } });
    expect(events.nodes).toMatchObject([
      { __typename: 'UnknownEvent', type: 'UNKNOWN', name: 'custom.thing', data: { a: [1] }, at: at(4) },
      { __typename: 'MessageEvent', type: 'MESSAGE_RECEIVED', message: { body: 'Hi', number: { e164: number } } },
      { __typename: 'TrunkEvent', source: 'WEBHOOK', trunk: { uuid: uuid(0), status: 'OFFLINE' } },
      {
        __typename: 'NumberEvent',
        receivedAt: new Date(noon),
        number: { e164: number, status: 'ACTIVE', order: { orderId: 1042, placedAt: at(1), total: null } },
      },
    ]);
  });

  test('are paged without a row twice while more come in', async () => {
    const receiver = await startReceiver(open);
    await sendOneOfEach(receiver);
    const caller = callerOf(receiver);

    const first = await caller.ask<{ events: Page }>(eventsQuery, { first: 2 });
    await receiver.sendEvent('custom.thing', 5, {});
    const second = await caller.ask<{ events: Page }>(eventsQuery, {
      first: 2,
      after: first.events.pageInfo.endCursor,
    });

    expect(first.events.pageInfo.hasNextPage).toBe(true);
    expect([...first.events.nodes, ...second.events.nodes].map((event) => event['at'])).toEqual([4, 3, 2, 1].map(at));
  });

  test('carry a cursor that the subscription goes on from', async () => {
    const receiver = await startReceiver(open);
    await sendOneOfEach(receiver);
    const caller = callerOf(receiver);
    const { events } = await caller.ask<{ events: Page }>(eventsQuery);

    const stream = await caller.follow('subscription ($after: String) { events(after: $after) { at } }', {
      after: events.nodes[2]?.['cursor'],
    });

    expect((await stream.take(2)).map((event) => event['at'])).toEqual([at(3), at(4)]);
    await stream.end();
  });

  test('are refetched by their ids, and by no id of another type', async () => {
    const receiver = await startReceiver(open);
    await sendOneOfEach(receiver);
    const caller = callerOf(receiver);
    const { events } = await caller.ask<{ events: Page }>(eventsQuery);
    const ids = events.nodes.map((event) => event['id']);

    const { nodes } = await caller.ask<{ nodes: unknown[] }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Event { name } } }',
      { ids: [...ids, encodeId('TrunkEvent', 1), encodeId('NumberEvent', 'x'), encodeId('NumberEvent', 99)] },
    );

    expect(nodes).toEqual([
      ...events.nodes.map(({ __typename, id, name }) => ({ __typename, id, name })),
      null,
      null,
      null,
    ]);
  });

  test('are filtered', async () => {
    const receiver = await startReceiver(open);
    await sendOneOfEach(receiver);
    await receiver.sendEvent('trunk.registered', 5, { trunk_uuid: uuid(1) });
    const seen = async (filter: object) =>
      (await callerOf(receiver).ask<{ events: Page }>(eventsQuery, { filter })).events.nodes.map((each) => each['at']);
    const client = encodeId('Client', (await receiver.trunk(uuid(1)))?.client_key ?? '');

    expect(await seen({ types: ['TRUNK_OFFLINE', 'MESSAGE_RECEIVED'] })).toEqual([at(3), at(2)]);
    expect(await seen({ types: [] })).toEqual([]);
    expect(await seen({ trunk: uuid(0) })).toEqual([at(3), at(2), at(1)]);
    expect(await seen({ trunk: uuid(0), number })).toEqual([at(3), at(1)]);
    expect(await seen({ client })).toEqual([at(5)]);
    expect(await seen({ trunk: 'trk_none' })).toEqual([]);
  });

  test("are only a client's own for its viewer, also by id", async () => {
    const receiver = await startReceiver(open);
    await sendOneOfEach(receiver);
    await receiver.sendEvent('trunk.registered', 5, { trunk_uuid: uuid(1) });
    const own = clientKey((await receiver.trunk(uuid(1)))?.client_key ?? '');
    const caller = callerOf(receiver, { role: 'CLIENT', client: own });

    const { events, node } = await caller.ask<{ events: Page; node: unknown }>(
      `query ($id: ID!) { events { totalCount nodes { at } } node(id: $id) { id } }`,
      { id: encodeId('TrunkEvent', 2) },
    );

    expect(events).toMatchObject({ totalCount: 1, nodes: [{ at: at(5) }] });
    expect(node).toBeNull();
  });

  test('stand under their number and trunk, in one statement a field for all of them', async () => {
    const receiver = await startReceiver(open);
    await sendOneOfEach(receiver);
    await receiver.sendEvent('trunk.registered', 5, { trunk_uuid: uuid(1) });
    const caller = callerOf(receiver);
    const query =
      '{ trunks { nodes { uuid events { nodes { at } } } } numbers { nodes { e164 events { nodes { at } } } } }';
    const before = receiver.account.storage.queries();

    const { trunks, numbers } = await caller.ask<{ trunks: Page; numbers: Page }>(query);

    expect(receiver.account.storage.queries() - before).toBeLessThanOrEqual(4);
    expect(trunks.nodes.find((trunk) => trunk['uuid'] === uuid(0))?.['events']).toEqual({
      nodes: [{ at: at(3) }, { at: at(2) }, { at: at(1) }],
    });
    expect(numbers.nodes).toEqual([{ e164: number, events: { nodes: [{ at: at(3) }, { at: at(1) }] } }]);
  });
});

eachDatabase('Trunk.availability', (open) => {
  const query = `query ($from: DateTime!, $to: DateTime) {
    trunks { nodes { uuid availability(from: $from, to: $to) } }
  }`;
  const availability = async (receiver: Receiver, from: number, to?: number) => {
    const range = { from: moment(from), to: to === undefined ? undefined : moment(to) };
    const { trunks } = await callerOf(receiver).ask<{ trunks: Page }>(query, range);
    return uuids.map((each) => trunks.nodes.find((trunk) => trunk['uuid'] === each)?.['availability']);
  };
  const send = async (receiver: Receiver, index: number, events: readonly (readonly [string, number])[]) => {
    for (const [status, second] of events)
      await receiver.sendEvent(`trunk.${status}`, second, { trunk_uuid: uuid(index) });
  };

  test('is the share of the known time in which the trunk was registered, whatever order the events came in', async () => {
    const receiver = await startReceiver(open);
    await send(receiver, 0, [
      ['offline', 30],
      ['registered', 10],
      ['registered', 40],
      ['registered', 20],
    ]);
    await send(receiver, 1, [['offline', 0]]);
    receiver.clock.jump(100_000);

    expect(await availability(receiver, 10, 50)).toEqual([30 / 40, 0, null]);
    // What came before the first event is not known, and left out.
    expect(await availability(receiver, -1000, 50)).toEqual([30 / 40, 0, null]);
    // The event before the stretch says how it begins.
    expect(await availability(receiver, 25, 35)).toEqual([5 / 10, 0, null]);
    expect(await availability(receiver, 60, 70)).toEqual([1, 0, null]);
    expect(await availability(receiver, -20, -10)).toEqual([null, null, null]);
  });

  test('ends now where no end is given, or one to come', async () => {
    const receiver = await startReceiver(open);
    await send(receiver, 0, [
      ['registered', 0],
      ['offline', 30],
    ]);
    receiver.clock.jump(40_000);

    expect(await availability(receiver, 0)).toEqual([30 / 40, null, null]);
    expect(await availability(receiver, 0, 1000)).toEqual([30 / 40, null, null]);
    expect(await availability(receiver, 100, 1000)).toEqual([null, null, null]);
  });

  test('leaves out events of the future, and is refused for a stretch without length', async () => {
    const receiver = await startReceiver(open);
    await send(receiver, 0, [
      ['registered', 0],
      ['offline', 600],
    ]);
    receiver.clock.jump(1_200_000);

    expect(await availability(receiver, 0, 1200)).toEqual([1, null, null]);
    await expect(availability(receiver, 10, 10)).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', argument: 'to' },
    });
  });

  test('is read in one statement for all trunks', async () => {
    const receiver = await startReceiver(open);
    await send(receiver, 0, [['registered', 0]]);
    receiver.clock.jump(10_000);
    const before = receiver.account.storage.queries();

    await availability(receiver, 0, 10);

    expect(receiver.account.storage.queries() - before).toBeLessThanOrEqual(2);
  });

  test("of another client's trunk is not told", async () => {
    const receiver = await startReceiver(open);
    await send(receiver, 0, [['registered', 0]]);
    receiver.clock.jump(10_000);
    const own = clientKey((await receiver.trunk(uuid(1)))?.client_key ?? '');

    const { trunks } = await callerOf(receiver, { role: 'CLIENT', client: own }).ask<{ trunks: Page }>(query, {
      from: moment(0),
    });

    expect(trunks.nodes).toEqual([{ uuid: uuid(1), availability: null }]);
  });
});
