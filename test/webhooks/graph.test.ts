import { expect, test } from 'vitest';
import { encodeId } from '../../src/graph/identifiers.ts';
import { eachDatabase } from '../support/databases.ts';
import { callerOf } from './support/graph.ts';
import { eachWithSandbox, type ListedReceiver } from './support/listed.ts';
import { moment, noon, number } from './support/receiver.ts';

interface Page {
  readonly nodes: readonly Readonly<Record<string, unknown>>[];
  readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
  readonly totalCount: number;
}

const at = (second: number) => new Date(moment(second));
const start = eachWithSandbox();

async function sendOneOfEach(receiver: ListedReceiver): Promise<void> {
  await receiver.sendEvent('number.activated', 1, { number, trunk_uuid: receiver.uuid(0), order_id: 1042 });
  await receiver.sendEvent('trunk.offline', 2, { trunk_uuid: receiver.uuid(0) });
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
    const receiver = await start(open);
    await sendOneOfEach(receiver);

    const { events } = await callerOf(receiver).ask<{ events: Page }>(eventsQuery);

    expect(events).toMatchObject({ totalCount: 7, pageInfo: { hasNextPage: false } });
    expect(events.nodes).toMatchObject([
      { __typename: 'UnknownEvent', type: 'UNKNOWN', name: 'custom.thing', data: { a: [1] }, at: at(4) },
      { __typename: 'MessageEvent', type: 'MESSAGE_RECEIVED', message: { body: 'Hi', number: { e164: number } } },
      { __typename: 'TrunkEvent', source: 'WEBHOOK', trunk: { uuid: receiver.uuid(0), status: 'OFFLINE' } },
      {
        __typename: 'NumberEvent',
        receivedAt: new Date(noon),
        number: { e164: number, status: 'ACTIVE', order: { orderId: 1042, placedAt: at(1), total: null } },
      },
      // What the first listing showed came before all of them.
      ...Array.from({ length: 3 }, () => ({
        __typename: 'TrunkEvent',
        type: 'TRUNK_REGISTERED',
        source: 'RECONCILED',
      })),
    ]);
  });

  test('are paged without a row twice while more come in', async () => {
    const receiver = await start(open);
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
    const receiver = await start(open);
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
    const receiver = await start(open);
    await sendOneOfEach(receiver);
    const caller = callerOf(receiver);
    const { events } = await caller.ask<{ events: Page }>(eventsQuery);
    const ids = events.nodes.map((event) => event['id']);

    const { nodes } = await caller.ask<{ nodes: unknown[] }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Event { name } } }',
      { ids: [...ids, encodeId('NumberEvent', 1), encodeId('NumberEvent', 'x'), encodeId('NumberEvent', 99)] },
    );

    expect(nodes).toEqual([
      ...events.nodes.map(({ __typename, id, name }) => ({ __typename, id, name })),
      null,
      null,
      null,
    ]);
  });

  test('are filtered', async () => {
    const receiver = await start(open);
    await sendOneOfEach(receiver);
    await receiver.sendEvent('trunk.registered', 5, { trunk_uuid: receiver.uuid(1) });
    const seen = async (filter: object) =>
      (await callerOf(receiver).ask<{ events: Page }>(eventsQuery, { filter })).events.nodes.map((each) => each['at']);
    const client = encodeId('Client', await receiver.clientOf(1));

    expect(await seen({ types: ['TRUNK_OFFLINE', 'MESSAGE_RECEIVED'] })).toEqual([at(3), at(2)]);
    expect(await seen({ types: [] })).toEqual([]);
    expect(await seen({ trunk: receiver.uuid(0) })).toEqual([at(3), at(2), at(1), at(0)]);
    expect(await seen({ trunk: receiver.uuid(0), number })).toEqual([at(3), at(1)]);
    expect(await seen({ client })).toEqual([at(5), at(0)]);
    expect(await seen({ trunk: 'trk_none' })).toEqual([]);
  });

  test("are only a client's own for its viewer, also by id", async () => {
    const receiver = await start(open);
    await sendOneOfEach(receiver);
    await receiver.sendEvent('trunk.registered', 5, { trunk_uuid: receiver.uuid(1) });
    const own = await receiver.clientOf(1);
    const caller = callerOf(receiver, { role: 'CLIENT', client: own });

    const { events, node } = await caller.ask<{ events: Page; node: unknown }>(
      `query ($id: ID!) { events { totalCount nodes { at } } node(id: $id) { id } }`,
      { id: encodeId('TrunkEvent', 5) },
    );

    expect(events).toMatchObject({ totalCount: 2, nodes: [{ at: at(5) }, { at: at(0) }] });
    expect(node).toBeNull();
  });

  test('stand under their number and trunk, in one statement a field for all of them', async () => {
    const receiver = await start(open);
    await sendOneOfEach(receiver);
    await receiver.sendEvent('trunk.registered', 5, { trunk_uuid: receiver.uuid(1) });
    const caller = callerOf(receiver);
    const query =
      '{ trunks { nodes { uuid events { nodes { at } } } } numbers { nodes { e164 events { nodes { at } } } } }';
    const before = receiver.account.storage.queries();

    const { trunks, numbers } = await caller.ask<{ trunks: Page; numbers: Page }>(query);

    expect(receiver.account.storage.queries() - before).toBeLessThanOrEqual(4);
    expect(trunks.nodes.find((trunk) => trunk['uuid'] === receiver.uuid(0))?.['events']).toEqual({
      nodes: [{ at: at(3) }, { at: at(2) }, { at: at(1) }, { at: at(0) }],
    });
    expect(numbers.nodes).toEqual([{ e164: number, events: { nodes: [{ at: at(3) }, { at: at(1) }] } }]);
  });
});
