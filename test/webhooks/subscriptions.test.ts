import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clientKey } from '../../src/access/viewer.ts';
import { encodeId } from '../../src/graph/identifiers.ts';
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { eachDatabase, type OpenDatabase } from '../support/databases.ts';
import { callerOf, type Stream } from './support/graph.ts';
import { createReceiver, moment, number, type Receiver } from './support/receiver.ts';

const statusQuery = `subscription ($trunk: ID, $client: ID) {
  trunkStatus(trunk: $trunk, client: $client) { trunk { uuid status } previous at cursor }
}`;
const eventsQuery = `subscription ($filter: EventFilter, $after: String) {
  events(filter: $filter, after: $after) { type cursor at ... on TrunkEvent { trunk { status name } } }
}`;

let sandbox: Sandbox;
let uuids: readonly string[];
const at = (second: number) => new Date(moment(second));

/** Two clients with a trunk each, listed by a real DIDfarm. */
async function startReceiver(open: OpenDatabase): Promise<Receiver> {
  const receiver = createReceiver(await open(), { apiUrl: sandbox.apiUrl, apiKey: sandbox.apiKey });
  const { trunks } = await callerOf(receiver).ask<{ trunks: { nodes: { uuid: string }[] } }>(
    '{ trunks { nodes { uuid } } }',
  );
  uuids = trunks.nodes.map((trunk) => trunk.uuid);
  return receiver;
}

const uuid = (index: number) => uuids[index] ?? '';
const register = (receiver: Receiver, second: number, index = 0) =>
  receiver.sendEvent('trunk.registered', second, { trunk_uuid: uuid(index) });
const drop = (receiver: Receiver, second: number, index = 0) =>
  receiver.sendEvent('trunk.offline', second, { trunk_uuid: uuid(index) });
const clientOf = async (receiver: Receiver, index = 0) => (await receiver.trunk(uuid(index)))?.client_key ?? '';
const listings = () => sandbox.control.calls().total;

beforeEach(async () => {
  sandbox = createSandbox({ trunks: 3, numbers: 2, transactions: 0, rateLimit: null });
  await sandbox.listen();
});
afterEach(() => sandbox.close());

eachDatabase('trunkStatus', (open) => {
  test('begins with every trunk as it is and follows each change, with what it was before', async () => {
    const receiver = await startReceiver(open);
    await drop(receiver, 1);
    const stream = await callerOf(receiver).follow(statusQuery);

    const beginning = await stream.take(3);
    await register(receiver, 2);
    await drop(receiver, 3, 1);

    expect(beginning.map((update) => (update['trunk'] as { uuid: string }).uuid).toSorted()).toEqual(uuids.toSorted());
    expect(beginning).toContainEqual(
      expect.objectContaining({ trunk: { uuid: uuid(0), status: 'OFFLINE' }, previous: null, at: at(1) }),
    );
    expect(await stream.take(2)).toMatchObject([
      { trunk: { uuid: uuid(0), status: 'REGISTERED' }, previous: 'OFFLINE', at: at(2) },
      { trunk: { uuid: uuid(1), status: 'OFFLINE' }, previous: null, at: at(3) },
    ]);
    await stream.end();
  });

  test('shows each change as it was, also to one who reads them late', async () => {
    const receiver = await startReceiver(open);
    const stream = await callerOf(receiver).follow(statusQuery, { trunk: uuid(0) });
    await stream.next();

    for (const second of [1, 3]) {
      await drop(receiver, second);
      await register(receiver, second + 1);
    }

    expect((await stream.take(4)).map((update) => [update['previous'], update['trunk']])).toEqual([
      [null, { uuid: uuid(0), status: 'OFFLINE' }],
      ['OFFLINE', { uuid: uuid(0), status: 'REGISTERED' }],
      ['REGISTERED', { uuid: uuid(0), status: 'OFFLINE' }],
      ['OFFLINE', { uuid: uuid(0), status: 'REGISTERED' }],
    ]);
    await stream.end();
  });

  test('leaves out what is no change: repetitions, late events and those of the future', async () => {
    const receiver = await startReceiver(open);
    await register(receiver, 10);
    const stream = await callerOf(receiver).follow(statusQuery, { trunk: uuid(0) });
    await stream.next();

    await register(receiver, 11);
    await drop(receiver, 5);
    await drop(receiver, 3600);
    await drop(receiver, 12);

    expect(await stream.next()).toMatchObject({ trunk: { status: 'OFFLINE' }, previous: 'REGISTERED', at: at(12) });
    await stream.end();
  });

  test('has no seam between its beginning and what follows, whenever events come in', async () => {
    const receiver = await startReceiver(open);
    const stream = await callerOf(receiver).follow(statusQuery, { trunk: uuid(0) });

    const sent = (async () => {
      for (let second = 1; second <= 20; second++) await (second % 2 ? drop : register)(receiver, second);
    })();
    const seen = [await stream.next()];
    while (seen.at(-1)?.['at']?.toString() !== at(20).toString()) seen.push(await stream.next());
    await sent;

    const changes = seen.slice(1).map((update) => [update['previous'], (update['trunk'] as { status: string }).status]);
    for (const [index, [previous]] of changes.entries()) if (index > 0) expect(previous).toBe(changes[index - 1]?.[1]);
    expect(seen.map((update) => update['at']?.toString())).toEqual([
      ...new Set(seen.map((each) => each['at']?.toString())),
    ]);
    await stream.end();
  });

  test('tells only of one trunk, or of the trunks of one client', async () => {
    const receiver = await startReceiver(open);
    const caller = callerOf(receiver);
    const one = await caller.follow(statusQuery, { trunk: encodeId('Trunk', uuid(1)) });
    const client = await caller.follow(statusQuery, { client: encodeId('Client', await clientOf(receiver, 2)) });
    expect(await one.next()).toMatchObject({ trunk: { uuid: uuid(1) } });
    expect(await client.next()).toMatchObject({ trunk: { uuid: uuid(2) } });

    for (const index of [0, 1, 2]) await drop(receiver, 1, index);

    expect(await one.next()).toMatchObject({ trunk: { uuid: uuid(1), status: 'OFFLINE' } });
    expect(await client.next()).toMatchObject({ trunk: { uuid: uuid(2), status: 'OFFLINE' } });
    await Promise.all([one.end(), client.end()]);
  });

  test("shows a client's viewer that client's trunks alone", async () => {
    const receiver = await startReceiver(open);
    const own = clientKey(await clientOf(receiver, 1));
    const stream = await callerOf(receiver, { role: 'CLIENT', client: own }).follow(statusQuery);
    expect(await stream.next()).toMatchObject({ trunk: { uuid: uuid(1) } });

    await drop(receiver, 1, 0);
    await drop(receiver, 2, 1);

    expect(await stream.next()).toMatchObject({ trunk: { uuid: uuid(1), status: 'OFFLINE' }, at: at(2) });
    await stream.end();
  });

  test('is refused for a trunk that is not there and for an id of something else', async () => {
    const receiver = await startReceiver(open);
    const { follow } = callerOf(receiver);

    await expect(follow(statusQuery, { trunk: 'trk_none' })).rejects.toMatchObject({
      extensions: { code: 'NOT_FOUND' },
    });
    await expect(follow(statusQuery, { client: encodeId('Trunk', uuid(0)) })).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', argument: 'client' },
    });
    expect(receiver.bus.waiters()).toBe(0);
  });

  test('costs no call to DIDfarm for a change', async () => {
    const receiver = await startReceiver(open);
    const stream = await callerOf(receiver).follow(statusQuery, { trunk: uuid(0) });
    await stream.next();
    const before = listings();

    receiver.clock.jump(3_600_000);
    await drop(receiver, 3600);

    expect(await stream.next()).toMatchObject({ trunk: { status: 'OFFLINE' } });
    expect(before).toBeGreaterThan(0);
    expect(listings()).toBe(before);
    await stream.end();
  });
});

eachDatabase('events', (open) => {
  test('go on after a cursor with none missed and none twice, then follow without a seam', async () => {
    const receiver = await startReceiver(open);
    const caller = callerOf(receiver);
    const first = await caller.follow(eventsQuery);
    await register(receiver, 1);
    const { cursor } = await first.next();
    await first.end();

    for (let second = 2; second <= 230; second++) await (second % 2 ? register : drop)(receiver, second);
    const resumed = await caller.follow(eventsQuery, { after: cursor });
    const missed = await resumed.take(200);
    for (let second = 231; second <= 240; second++) await (second % 2 ? register : drop)(receiver, second);
    const rest = await resumed.take(39);

    expect([...missed, ...rest].map((event) => event['at'])).toEqual(
      Array.from({ length: 239 }, (_, index) => at(index + 2)),
    );
    await resumed.end();
  });

  test('are those to come where no cursor is given, from the moment of subscribing', async () => {
    const receiver = await startReceiver(open);
    await register(receiver, 1);
    const stream = await callerOf(receiver).follow(eventsQuery);

    await drop(receiver, 2);

    expect(await stream.next()).toMatchObject({ type: 'TRUNK_OFFLINE', at: at(2) });
    await stream.end();
  });

  test('reach every subscriber, each at its own pace', async () => {
    const receiver = await startReceiver(open);
    const caller = callerOf(receiver);
    const [fast, slow] = [await caller.follow(eventsQuery), await caller.follow(eventsQuery)];
    const early = fast.next();
    await register(receiver, 1);
    expect(await early).toMatchObject({ at: at(1) });
    await drop(receiver, 2);

    expect(await fast.next()).toMatchObject({ at: at(2) });
    expect((await slow.take(2)).map((event) => event['at'])).toEqual([at(1), at(2)]);
    await Promise.all([fast.end(), slow.end()]);
  });

  test('are filtered by type, trunk, number and client', async () => {
    const receiver = await startReceiver(open);
    const caller = callerOf(receiver);
    const filters = {
      types: { types: ['NUMBER_ACTIVATED', 'UNKNOWN'] },
      trunk: { trunk: uuid(1) },
      number: { number },
      client: { client: encodeId('Client', await clientOf(receiver, 0)) },
      none: { trunk: 'trk_none' },
    };
    const streams = {
      types: await caller.follow(eventsQuery, { filter: filters.types }),
      trunk: await caller.follow(eventsQuery, { filter: filters.trunk }),
      number: await caller.follow(eventsQuery, { filter: filters.number }),
      client: await caller.follow(eventsQuery, { filter: filters.client }),
      none: await caller.follow(eventsQuery, { filter: filters.none }),
    };

    await register(receiver, 1, 0);
    await register(receiver, 2, 1);
    await receiver.sendEvent('number.activated', 3, { number, trunk_uuid: uuid(1) });
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
    const receiver = await startReceiver(open);
    const own = clientKey(await clientOf(receiver, 1));
    const stream = await callerOf(receiver, { role: 'CLIENT', client: own }).follow(eventsQuery);

    await register(receiver, 1, 0);
    await receiver.sendEvent('custom.thing', 2, {});
    await register(receiver, 3, 1);

    expect(await stream.next()).toMatchObject({ at: at(3) });
    await stream.end();
  });

  test('are each answered out of fresh loaders', async () => {
    const receiver = await startReceiver(open);
    const stream = await callerOf(receiver).follow(eventsQuery);

    await register(receiver, 1);
    expect(await stream.next()).toMatchObject({ trunk: { status: 'REGISTERED' } });
    await drop(receiver, 2);
    expect(await stream.next()).toMatchObject({ trunk: { status: 'OFFLINE' } });
    await stream.end();
  });

  test('are refused after what is no cursor, or one of another account', async () => {
    const receiver = await startReceiver(open);
    const refused = { extensions: { code: 'BAD_USER_INPUT', argument: 'after' } };
    const { follow } = callerOf(receiver);

    await expect(follow(eventsQuery, { after: 'nonsense' })).rejects.toMatchObject(refused);
    const { trunks } = await callerOf(receiver).ask<{ trunks: { pageInfo: { endCursor: string } } }>(
      '{ trunks { pageInfo { endCursor } } }',
    );
    await expect(follow(eventsQuery, { after: trunks.pageInfo.endCursor })).rejects.toMatchObject(refused);
  });
});

eachDatabase('numberStatus and messageReceived', (open) => {
  test('tell of numbers and of texts as they are then', async () => {
    const receiver = await startReceiver(open);
    const caller = callerOf(receiver);
    const numbers = await caller.follow(
      'subscription ($number: PhoneNumber) { numberStatus(number: $number) { e164 status regulatoryStatus trunk { uuid } } }',
      { number },
    );
    const messages = await caller.follow('subscription { messageReceived { from to body number { e164 } } }');

    await receiver.sendEvent('number.activated', 1, { number: '+31201234599', trunk_uuid: uuid(0) });
    await receiver.sendEvent('number.activated', 2, { number, trunk_uuid: uuid(0) });
    expect(await numbers.next()).toEqual({
      e164: number,
      status: 'ACTIVE',
      regulatoryStatus: 'UNKNOWN',
      trunk: { uuid: uuid(0) },
    });
    await receiver.sendEvent('regulatory.approved', 3, { number });
    expect(await numbers.next()).toMatchObject({ status: 'ACTIVE', regulatoryStatus: 'APPROVED' });
    await receiver.sendEvent('message.received', 4, { from: '+31687654321', to: number, body: 'Hi' });
    expect(await messages.next()).toEqual({ from: '+31687654321', to: number, body: 'Hi', number: { e164: number } });
    await Promise.all([numbers.end(), messages.end()]);
  });

  test("tell a client's viewer of its own", async () => {
    const receiver = await startReceiver(open);
    const own = clientKey(await clientOf(receiver, 1));
    const stream = await callerOf(receiver, { role: 'CLIENT', client: own }).follow(
      'subscription { messageReceived { body } }',
    );
    const text = { from: '+31687654321', to: number };

    await receiver.sendEvent('message.received', 1, { ...text, body: 'theirs', trunk_uuid: uuid(0) });
    await receiver.sendEvent('message.received', 2, { ...text, body: 'nobody’s' });
    await receiver.sendEvent('message.received', 3, { ...text, body: 'own', trunk_uuid: uuid(1) });

    expect(await stream.next()).toEqual({ body: 'own' });
    await stream.end();
  });
});

eachDatabase('a subscription that ends', (open) => {
  test('leaves no waiter behind, also where it waits for its next event', async () => {
    const receiver = await startReceiver(open);
    const caller = callerOf(receiver);
    const streams = await Promise.all([1, 2, 3].map(() => caller.follow(eventsQuery)));
    const pending = streams.map((stream) => stream.result());
    await setImmediate();
    expect(receiver.bus.waiters()).toBe(3);

    await Promise.all(streams.map((stream) => stream.end()));

    expect(await Promise.all(pending)).toEqual([1, 2, 3].map(() => ({ done: true, value: undefined })));
    expect(receiver.bus.waiters()).toBe(0);
  });

  test('leaves no waiter behind where it was never read', async () => {
    const receiver = await startReceiver(open);
    const stream = await callerOf(receiver).follow(eventsQuery);

    await stream.end();

    expect(receiver.bus.waiters()).toBe(0);
  });

  test('ends when its caller is gone', async () => {
    const receiver = await startReceiver(open);
    const gone = new AbortController();
    const stream = await callerOf(receiver, {}, gone.signal).follow(statusQuery, { trunk: uuid(0) });
    await stream.next();
    await register(receiver, 1);
    await stream.next();
    const pending = stream.result();

    gone.abort();

    expect(await pending).toEqual({ done: true, value: undefined });
    expect(receiver.bus.waiters()).toBe(0);
  });

  test('leaves no waiter behind where its storage fails', async () => {
    const receiver = await startReceiver(open);
    const stream = await callerOf(receiver).follow(eventsQuery);
    await receiver.account.storage.close();

    await expect(stream.result()).rejects.toThrow();

    expect(receiver.bus.waiters()).toBe(0);
  });
});
