import { expect, test } from 'vitest';
import { encodeId } from '../../src/graph/identifiers.ts';
import { eachDatabase } from '../support/databases.ts';
import { callerOf } from './support/graph.ts';
import { eachWithSandbox } from './support/listed.ts';
import { moment } from './support/receiver.ts';

const statusQuery = `subscription ($trunk: ID, $client: ID) {
  trunkStatus(trunk: $trunk, client: $client) { trunk { uuid status } previous at cursor }
}`;
const at = (second: number) => new Date(moment(second));
const start = eachWithSandbox();

eachDatabase('trunkStatus', (open) => {
  test('begins with every trunk as it is and follows each change, with what it was before', async () => {
    const receiver = await start(open);
    await receiver.drop(1);
    const stream = await callerOf(receiver).follow(statusQuery);

    const beginning = await stream.take(3);
    await receiver.register(2);
    await receiver.drop(3, 1);

    expect(beginning.map((update) => (update['trunk'] as { uuid: string }).uuid).toSorted()).toEqual(
      receiver.uuids.toSorted(),
    );
    expect(beginning).toContainEqual(
      expect.objectContaining({ trunk: { uuid: receiver.uuid(0), status: 'OFFLINE' }, previous: null, at: at(1) }),
    );
    expect(await stream.take(2)).toMatchObject([
      { trunk: { uuid: receiver.uuid(0), status: 'REGISTERED' }, previous: 'OFFLINE', at: at(2) },
      { trunk: { uuid: receiver.uuid(1), status: 'OFFLINE' }, previous: 'REGISTERED', at: at(3) },
    ]);
    await stream.end();
  });

  test('shows each change as it was, also to one who reads them late', async () => {
    const receiver = await start(open);
    const stream = await callerOf(receiver).follow(statusQuery, { trunk: receiver.uuid(0) });
    await stream.next();

    for (const second of [1, 3]) {
      await receiver.drop(second);
      await receiver.register(second + 1);
    }

    expect((await stream.take(4)).map((update) => [update['previous'], update['trunk']])).toEqual([
      ['REGISTERED', { uuid: receiver.uuid(0), status: 'OFFLINE' }],
      ['OFFLINE', { uuid: receiver.uuid(0), status: 'REGISTERED' }],
      ['REGISTERED', { uuid: receiver.uuid(0), status: 'OFFLINE' }],
      ['OFFLINE', { uuid: receiver.uuid(0), status: 'REGISTERED' }],
    ]);
    await stream.end();
  });

  test('leaves out what is no change: repetitions, late events and those of the future', async () => {
    const receiver = await start(open);
    await receiver.register(10);
    const stream = await callerOf(receiver).follow(statusQuery, { trunk: receiver.uuid(0) });
    await stream.next();

    await receiver.register(11);
    await receiver.drop(5);
    await receiver.drop(3600);
    await receiver.drop(12);

    expect(await stream.next()).toMatchObject({ trunk: { status: 'OFFLINE' }, previous: 'REGISTERED', at: at(12) });
    await stream.end();
  });

  test('has no seam between its beginning and what follows, whenever events come in', async () => {
    const receiver = await start(open);
    const stream = await callerOf(receiver).follow(statusQuery, { trunk: receiver.uuid(0) });

    const sent = (async () => {
      for (let second = 1; second <= 20; second++) await (second % 2 ? receiver.drop : receiver.register)(second);
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
    const receiver = await start(open);
    const caller = callerOf(receiver);
    const one = await caller.follow(statusQuery, { trunk: encodeId('Trunk', receiver.uuid(1)) });
    const client = await caller.follow(statusQuery, { client: encodeId('Client', await receiver.clientOf(2)) });
    expect(await one.next()).toMatchObject({ trunk: { uuid: receiver.uuid(1) } });
    expect(await client.next()).toMatchObject({ trunk: { uuid: receiver.uuid(2) } });

    for (const index of [0, 1, 2]) await receiver.drop(1, index);

    expect(await one.next()).toMatchObject({ trunk: { uuid: receiver.uuid(1), status: 'OFFLINE' } });
    expect(await client.next()).toMatchObject({ trunk: { uuid: receiver.uuid(2), status: 'OFFLINE' } });
    await Promise.all([one.end(), client.end()]);
  });

  test("shows a client's viewer that client's trunks alone", async () => {
    const receiver = await start(open);
    const own = await receiver.clientOf(1);
    const stream = await callerOf(receiver, { role: 'CLIENT', client: own }).follow(statusQuery);
    expect(await stream.next()).toMatchObject({ trunk: { uuid: receiver.uuid(1) } });

    await receiver.drop(1, 0);
    await receiver.drop(2, 1);

    expect(await stream.next()).toMatchObject({ trunk: { uuid: receiver.uuid(1), status: 'OFFLINE' }, at: at(2) });
    await stream.end();
  });

  test('is refused for a trunk that is not there and for an id of something else', async () => {
    const receiver = await start(open);
    const { follow } = callerOf(receiver);

    await expect(follow(statusQuery, { trunk: 'trk_none' })).rejects.toMatchObject({
      extensions: { code: 'NOT_FOUND' },
    });
    await expect(follow(statusQuery, { client: encodeId('Trunk', receiver.uuid(0)) })).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', argument: 'client' },
    });
    expect(receiver.waiters()).toBe(0);
  });

  test('costs no call to DIDfarm for a change', async () => {
    const receiver = await start(open);
    const stream = await callerOf(receiver).follow(statusQuery, { trunk: receiver.uuid(0) });
    await stream.next();
    const before = receiver.calls();

    receiver.clock.jump(3_600_000);
    await receiver.drop(3600);

    expect(await stream.next()).toMatchObject({ trunk: { status: 'OFFLINE' } });
    expect(before).toBeGreaterThan(0);
    expect(receiver.calls()).toBe(before);
    await stream.end();
  });
});
