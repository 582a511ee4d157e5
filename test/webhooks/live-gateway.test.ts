import { expect, test } from 'vitest';
import { type EventStream, type SubscribeOptions, subscribe } from '../server/sse.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

const statuses = 'subscription { trunkStatus { trunk { uuid status } previous cursor } }';
const number = '+31201234567';

const begin = async (gateway: Gateway, query: string, options?: SubscribeOptions) => {
  const stream = await gateway.clock.through(subscribe(gateway.app, query, options));
  for (let block = await stream.next(); block.event !== undefined; ) block = await stream.next();
  return stream;
};
const trunksOf = async (gateway: Gateway) => {
  const { data } = await gateway.askText('{ trunks(first: 3) { nodes { uuid } } }');
  const { trunks } = data as { trunks: { nodes: { uuid: string }[] } };
  return trunks.nodes.map(({ uuid }) => uuid);
};
let second = 0;
const tell = (gateway: Gateway, event: string, data: object) => {
  second += 1;
  return gateway.deliver(event, gateway.clock.now() + second * 1000, data);
};
const leave = (streams: readonly EventStream[]) => Promise.all(streams.map((stream) => stream.leave()));

test('a change is read from the database once, however many have the same subscription', async () => {
  await using gateway = await startGateway();
  const [trunk = ''] = await trunksOf(gateway);
  const queriesOf = async (streams: readonly EventStream[], event: string) => {
    const before = gateway.app.storage.queries();
    await tell(gateway, event, { trunk_uuid: trunk });
    const updates = await Promise.all(streams.map((stream) => stream.take(1)));
    expect(updates).toEqual(
      streams.map(() => [expect.objectContaining({ trunk: expect.objectContaining({ uuid: trunk }) })]),
    );
    return gateway.app.storage.queries() - before;
  };
  const one = [await begin(gateway, statuses)];
  await queriesOf(one, 'trunk.offline');
  const few = await queriesOf(one, 'trunk.registered');

  const many = [...one, ...(await Promise.all(Array.from({ length: 999 }, () => begin(gateway, statuses))))];
  await queriesOf(many, 'trunk.offline');

  expect(await queriesOf(many, 'trunk.registered')).toBe(few);
  await leave(many);
});

test.each([
  ['trunkStatus', 'subscription { trunkStatus { previous trunk { status } } }', 'trunk.offline', 'trunk.registered'],
  ['numberStatus', 'subscription { numberStatus { e164 status } }', 'number.activated', 'number.suspended'],
  ['messageReceived', 'subscription { messageReceived { body } }', 'message.received', 'message.received'],
  ['events', 'subscription { events { name } }', 'trunk.offline', 'custom.thing'],
])('%s goes on after Last-Event-ID with what was missed, each once', async (_, query, missed, then) => {
  await using gateway = await startGateway();
  const [trunk] = await trunksOf(gateway);
  const data = () => ({ trunk_uuid: trunk, number, from: '+31687654321', to: number, body: `text ${second}` });
  const lost = await begin(gateway, query);
  await tell(gateway, missed, data());
  const { id = '' } = await lost.next();
  await lost.leave();
  for (const name of [then, missed, then]) await tell(gateway, name, data());

  const resumed = await subscribe(gateway.app, query, { headers: { 'last-event-id': id } });
  const seen = [await resumed.next(), await resumed.next(), await resumed.next(), await resumed.next()];
  await tell(gateway, missed, data());
  seen.push(await resumed.next());

  // Three that were missed, the end of the log, and one that came then: no first results, none twice.
  expect(seen.map(({ event }) => event ?? 'caught up')).toEqual(['next', 'next', 'next', 'caught up', 'next']);
  expect(new Set(seen.map(({ id: cursor }) => cursor)).size).toBe(4);
  for (const { id: cursor } of seen) expect(cursor?.length).toBeLessThan(100);
  await resumed.leave();
});

test('a Last-Event-ID of no event of this account is refused', async () => {
  await using gateway = await startGateway();
  const { data } = await gateway.askText('{ trunks(first: 1) { pageInfo { endCursor } } }');
  const { trunks } = data as { trunks: { pageInfo: { endCursor: string } } };

  for (const cursor of ['nonsense', trunks.pageInfo.endCursor]) {
    const [refused] = await (await subscribe(gateway.app, statuses, { headers: { 'last-event-id': cursor } })).rest();
    expect(JSON.parse(refused?.data ?? '')).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT', argument: 'Last-Event-ID' } }],
    });
  }
});

test('a reader so slow that the log has let go of what came next is told so, and from where it can go on', async () => {
  await using gateway = await startGateway();
  await tell(gateway, 'custom.thing', {});
  const { data } = await gateway.askText('{ events(first: 1) { nodes { cursor } } }');
  const { events } = data as { events: { nodes: { cursor: string }[] } };
  for (let count = 0; count < 150; count++) await tell(gateway, 'custom.thing', { count });
  const query = 'subscription ($after: String) { events(after: $after) { at } }';
  const stream = await subscribe(gateway.app, query, { variables: { after: events.nodes[0]?.cursor } });
  await stream.take(1);

  await gateway.app.storage.db.deleteFrom('events').where('seq', '<=', 120).execute();

  const rest = await stream.rest();
  expect(rest.filter(({ id }) => id !== undefined)).toHaveLength(99);
  const { errors } = JSON.parse(rest.at(-2)?.data ?? '') as { errors: { extensions: { oldest: string } }[] };
  expect(errors).toMatchObject([{ extensions: { code: 'CURSOR_EXPIRED' } }]);
  const after = errors[0]?.extensions.oldest;
  const resumed = await subscribe(gateway.app, query, { variables: { after } });
  expect(await resumed.take(31)).toHaveLength(31);
  await resumed.leave();
});
