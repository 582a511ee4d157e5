import { GraphQLError } from 'graphql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSmallServer } from '../small-graph.ts';
import { type EventStream, type SubscribeOptions, subscribe } from '../sse.ts';

const ticks = 'subscription ($after: String, $first: Boolean) { ticks(after: $after, first: $first) }';

let server: ReturnType<typeof createSmallServer>;
beforeEach(() => {
  server = createSmallServer();
});
afterEach(() => server.close());

const follow = async (query: string, options: SubscribeOptions = {}) => {
  const stream = await subscribe(server, query, options);
  await stream.next();
  return stream;
};
/** What each gets of one more event, and how often that was worked out. */
async function executionsFor(streams: readonly EventStream[]): Promise<{ values: unknown[]; executions: number }> {
  const before = server.stage.ticks;
  server.stage.log.append();
  const values = await Promise.all(streams.map(async (stream) => (await stream.take(1))[0]));
  return { values, executions: server.stage.ticks - before };
}

test('a thousand who ask the same are served by one execution an event', async () => {
  const streams = await Promise.all(Array.from({ length: 1_000 }, () => follow(ticks)));

  expect(await executionsFor(streams)).toEqual({ values: Array(1_000).fill('1'), executions: 1 });
  expect(await executionsFor(streams)).toEqual({ values: Array(1_000).fill('2'), executions: 1 });
  const metrics = await (await server.fetch(new Request('http://gateway/metrics'))).text();
  expect(metrics).toContain('gateway_subscription_executions_total{phase="shared"} 2');
  await Promise.all(streams.map((stream) => stream.leave()));
  expect(server.stage.log.waiting()).toBe(0);
});

test('nothing is shared by viewers who may see different things', async () => {
  const scoped = (scope: string) => follow(ticks, { headers: { 'x-scope': scope } });
  const streams = [await scoped('a'), await scoped('b'), await scoped('a')];

  expect(await executionsFor(streams)).toEqual({ values: ['a1', 'b1', 'a1'], executions: 2 });
  await Promise.all(streams.map((stream) => stream.leave()));
});

test.each([
  ['whatever they went on from', { variables: { after: 'c0' } }, { variables: { after: 'c1' } }, 1],
  [
    'however their variables are ordered',
    { variables: { first: false, after: null } },
    { variables: { after: null, first: false } },
    1,
  ],
  ['not where their variables differ', { variables: { first: true } }, { variables: { first: false } }, 2],
])('one execution serves those who ask the same, %s', async (_, one, other, executions) => {
  server.stage.log.append();
  server.stage.log.append();
  const streams = [await subscribe(server, ticks, one), await subscribe(server, ticks, other)];
  await Promise.all(streams.map(caughtUp));

  expect(await executionsFor(streams)).toEqual({ values: ['3', '3'], executions });
  await Promise.all(streams.map((stream) => stream.leave()));
});

test('an execution that fails ends all whom it serves, with one masked error, and they can go on from their cursors', async () => {
  const streams = [await follow(ticks), await follow(ticks)];
  await executionsFor(streams);

  server.stage.log.fail(new Error('the secret inside'));

  const rests = await Promise.all(streams.map((stream) => stream.rest()));
  const last = { event: 'next', data: expect.stringMatching(/"code":"INTERNAL_SERVER_ERROR",.*"cursor":"c1"/) };
  expect(rests).toEqual([
    [last, { event: 'complete', data: '' }],
    [last, { event: 'complete', data: '' }],
  ]);
  expect(JSON.stringify(rests)).not.toContain('secret');
  expect(server.stage.lines.filter((line) => line['level'] === 'error')).toHaveLength(1);
  expect(server.subscribers()).toBe(0);
  server.stage.log.fail(null);
  server.stage.log.append();
  const resumed = await subscribe(server, ticks, { headers: { 'last-event-id': 'c1' } });
  expect(await resumed.take(1)).toEqual(['2']);
  await resumed.leave();
});

test('a place that is gone from the log is not given as one to go on from', async () => {
  const stream = await follow(ticks);

  server.stage.log.fail(new GraphQLError('Gone', { extensions: { code: 'CURSOR_EXPIRED', oldest: 'c5' } }));

  const [last] = await stream.rest();
  expect(JSON.parse(last?.data ?? '')).toMatchObject({
    errors: [{ extensions: { code: 'CURSOR_EXPIRED', oldest: 'c5' } }],
  });
  expect(last?.data).not.toContain('cursor');
});

/** An id alone says that the log has been read to its end. */
async function caughtUp(stream: EventStream): Promise<void> {
  for (let block = await stream.next(); block.event !== undefined; ) block = await stream.next();
}
