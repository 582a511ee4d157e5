import { expect, test } from 'vitest';
import { encodeId } from '../../src/graph/identifiers.ts';
import { eachDatabase } from '../support/databases.ts';
import { callerOf, type Stream } from './support/graph.ts';
import { eachWithSandbox } from './support/listed.ts';
import { moment, number } from './support/receiver.ts';

const eventsQuery = `subscription ($filter: EventFilter, $after: String) {
  events(filter: $filter, after: $after) { type cursor at ... on TrunkEvent { trunk { status name } } }
}`;
const at = (second: number) => new Date(moment(second));
const start = eachWithSandbox();

eachDatabase('events', (open) => {
  test('go on after a cursor with none missed and none twice, then follow without a seam', async () => {
    const receiver = await start(open);
    const caller = callerOf(receiver);
    const first = await caller.follow(eventsQuery);
    await receiver.register(1);
    const { cursor } = await first.next();
    await first.end();

    for (let second = 2; second <= 230; second++) await (second % 2 ? receiver.register : receiver.drop)(second);
    const resumed = await caller.follow(eventsQuery, { after: cursor });
    const missed = await resumed.take(200);
    for (let second = 231; second <= 240; second++) await (second % 2 ? receiver.register : receiver.drop)(second);
    const rest = await resumed.take(39);

    expect([...missed, ...rest].map((event) => event['at'])).toEqual(
      Array.from({ length: 239 }, (_, index) => at(index + 2)),
    );
    await resumed.end();
  });

  test('are those to come where no cursor is given, from the moment of subscribing', async () => {
    const receiver = await start(open);
    await receiver.register(1);
    const stream = await callerOf(receiver).follow(eventsQuery);

    await receiver.drop(2);

    expect(await stream.next()).toMatchObject({ type: 'TRUNK_OFFLINE', at: at(2) });
    await stream.end();
  });

  test('reach every subscriber, each at its own pace', async () => {
    const receiver = await start(open);
    const caller = callerOf(receiver);
    const [fast, slow] = [await caller.follow(eventsQuery), await caller.follow(eventsQuery)];
    const early = fast.next();
    await receiver.register(1);
    expect(await early).toMatchObject({ at: at(1) });
    await receiver.drop(2);

    expect(await fast.next()).toMatchObject({ at: at(2) });
    expect((await slow.take(2)).map((event) => event['at'])).toEqual([at(1), at(2)]);
    await Promise.all([fast.end(), slow.end()]);
  });

  test('are filtered by type, trunk, number and client', async () => {
    const receiver = await start(open);
    const caller = callerOf(receiver);
    const filters = {
      types: { types: ['NUMBER_ACTIVATED', 'UNKNOWN'] },
      trunk: { trunk: receiver.uuid(1) },
      number: { number },
      client: { client: encodeId('Client', await receiver.clientOf(0)) },
      none: { trunk: 'trk_none' },
    };
    const streams = {
      types: await caller.follow(eventsQuery, { filter: filters.types }),
      trunk: await caller.follow(eventsQuery, { filter: filters.trunk }),
      number: await caller.follow(eventsQuery, { filter: filters.number }),
      client: await caller.follow(eventsQuery, { filter: filters.client }),
      none: await caller.follow(eventsQuery, { filter: filters.none }),
    };

    await receiver.register(1, 0);
    await receiver.register(2, 1);
    await receiver.sendEvent('number.activated', 3, { number, trunk_uuid: receiver.uuid(1) });
    await receiver.sendEvent('custom.thing', 4, {});

    const seen = async (stream: Stream, count: number) => (await stream.take(count)).map((event) => event['at']);
    expect(await seen(streams.types, 2)).toEqual([at(3), at(4)]);
    expect(await seen(streams.trunk, 2)).toEqual([at(2), at(3)]);
    expect(await seen(streams.number, 1)).toEqual([at(3)]);
    expect(await seen(streams.client, 1)).toEqual([at(1)]);
    const nothing = streams.none.result();
    await streams.none.end();
    expect(await nothing).toEqual({ done: true, value: undefined });
    await Promise.all(Object.values(streams).map((stream) => stream.end()));
  });

  test("are only a client's own for its viewer", async () => {
    const receiver = await start(open);
    const own = await receiver.clientOf(1);
    const stream = await callerOf(receiver, { role: 'CLIENT', client: own }).follow(eventsQuery);

    await receiver.register(1, 0);
    await receiver.sendEvent('custom.thing', 2, {});
    await receiver.register(3, 1);

    expect(await stream.next()).toMatchObject({ at: at(3) });
    await stream.end();
  });

  test('are each answered out of fresh loaders', async () => {
    const receiver = await start(open);
    const stream = await callerOf(receiver).follow(eventsQuery);

    await receiver.register(1);
    expect(await stream.next()).toMatchObject({ trunk: { status: 'REGISTERED' } });
    await receiver.drop(2);
    expect(await stream.next()).toMatchObject({ trunk: { status: 'OFFLINE' } });
    await stream.end();
  });

  test('are refused after what is no cursor, or one of another account', async () => {
    const receiver = await start(open);
    const refused = { extensions: { code: 'BAD_USER_INPUT', argument: 'after' } };
    const { follow } = callerOf(receiver);

    await expect(follow(eventsQuery, { after: 'nonsense' })).rejects.toMatchObject(refused);
    const { trunks } = await callerOf(receiver).ask<{ trunks: { pageInfo: { endCursor: string } } }>(
      '{ trunks { pageInfo { endCursor } } }',
    );
    await expect(follow(eventsQuery, { after: trunks.pageInfo.endCursor })).rejects.toMatchObject(refused);
  });
});
