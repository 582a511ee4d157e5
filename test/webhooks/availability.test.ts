import { expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { callerOf } from './support/graph.ts';
import { eachWithSandbox, type ListedReceiver } from './support/listed.ts';
import { moment } from './support/receiver.ts';

interface Trunks {
  readonly trunks: { readonly nodes: readonly { readonly uuid: string; readonly availability: number | null }[] };
}

const start = eachWithSandbox();

eachDatabase('Trunk.availability', (open) => {
  const query = `query ($from: DateTime!, $to: DateTime) {
    trunks { nodes { uuid availability(from: $from, to: $to) } }
  }`;
  const availability = async (receiver: ListedReceiver, from: number, to?: number) => {
    const range = { from: moment(from), to: to === undefined ? undefined : moment(to) };
    const { trunks } = await callerOf(receiver).ask<Trunks>(query, range);
    return receiver.uuids.map((each) => trunks.nodes.find((trunk) => trunk.uuid === each)?.availability);
  };
  /** In the order in which they come in; the trunk is listed with the last of them. */
  const send = async (
    receiver: ListedReceiver,
    index: number,
    events: readonly (readonly ['registered' | 'offline', number])[],
  ) => {
    for (const [status, second] of events)
      await (status === 'registered' ? receiver.register : receiver.drop)(second, index);
  };

  test('is the share of the known time in which the trunk was registered, whatever order the events came in', async () => {
    const receiver = await start(open);
    await send(receiver, 0, [
      ['offline', 30],
      ['registered', 10],
      ['registered', 40],
      ['registered', 20],
    ]);
    expect(await receiver.trunk(receiver.uuid(0))).toMatchObject({ status: 'REGISTERED' });
    await send(receiver, 1, [['offline', 0]]);
    receiver.clock.jump(100_000);

    expect(await availability(receiver, 10, 50)).toEqual([30 / 40, 0, 1]);
    // What came before the first listing, at noon, is not known, and left out.
    expect(await availability(receiver, -1000, 50)).toEqual([40 / 50, 0, 1]);
    // The event before the stretch says how it begins.
    expect(await availability(receiver, 25, 35)).toEqual([5 / 10, 0, 1]);
    expect(await availability(receiver, 60, 70)).toEqual([1, 0, 1]);
    expect(await availability(receiver, -20, -10)).toEqual([null, null, null]);
  });

  test('ends now where no end is given, or one to come', async () => {
    const receiver = await start(open);
    await send(receiver, 0, [
      ['registered', 0],
      ['offline', 30],
    ]);
    receiver.clock.jump(40_000);

    expect(await availability(receiver, 0)).toEqual([30 / 40, 1, 1]);
    expect(await availability(receiver, 0, 1000)).toEqual([30 / 40, 1, 1]);
    expect(await availability(receiver, 100, 1000)).toEqual([null, null, null]);
  });

  test('counts an event of the future from when it came in, and is refused for a stretch without length', async () => {
    const receiver = await start(open);
    await send(receiver, 0, [['registered', 0]]);
    receiver.clock.jump(30_000);
    await send(receiver, 0, [['offline', 3600]]);
    receiver.clock.jump(10_000);

    expect(await availability(receiver, 0, 1200)).toEqual([30 / 40, 1, 1]);
    await expect(availability(receiver, 10, 10)).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', argument: 'to' },
    });
  });

  test('is read in one statement for all trunks', async () => {
    const receiver = await start(open);
    await send(receiver, 0, [['registered', 0]]);
    receiver.clock.jump(10_000);
    const before = receiver.account.storage.queries();

    await availability(receiver, 0, 10);

    expect(receiver.account.storage.queries() - before).toBeLessThanOrEqual(2);
  });

  test("of another client's trunk is not told", async () => {
    const receiver = await start(open);
    await send(receiver, 0, [['offline', 0]]);
    receiver.clock.jump(10_000);
    const own = await receiver.clientOf(1);

    const { trunks } = await callerOf(receiver, { role: 'CLIENT', client: own }).ask<Trunks>(query, {
      from: moment(0),
    });

    expect(trunks.nodes).toEqual([{ uuid: receiver.uuid(1), availability: 1 }]);
  });
});
