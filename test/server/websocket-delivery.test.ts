import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ownPlace } from '../../src/graph/place.ts';
import { closingTime } from '../../src/server/websocket/connection.ts';
import { openInitialised, type RawSocket } from './raw-socket.ts';
import { createSmallServer } from './small-graph.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of buffers that somebody holds, without those that only wait to be collected. */
function heldBuffers(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}

/** What one who asks for much gets with each tick: far more than sockets hold by themselves, after a hundred. */
const much = 'x'.repeat(200_000);
/** What fills a socket with one tick, whatever the machine's own buffers take. */
const tooMuch = 'x'.repeat(16_000_000);
const greetings: Readonly<Record<string, string>> = { much, tooMuch };

let server: ReturnType<typeof createSmallServer>;
let url = '';
/** How many operations were begun. */
let contexts = 0;
beforeEach(async () => {
  server = createSmallServer({
    createContext({ headers, signal }, requestId) {
      contexts += 1;
      const scope = headers.get('x-scope') ?? '';
      return {
        greeting: greetings[scope] ?? 'hello',
        requestId,
        signal,
        viewer: scope,
        scope,
        place: ownPlace(),
      };
    },
  });
  url = (await server.listen()).url;
});
afterEach(() => server.close());

const ticks = 'subscription { ticks(first: true) }';
const tickOf = (message: { payload?: unknown }) =>
  (message.payload as { data: { ticks: string } }).data.ticks.replace('much', '');

/** One who has subscribed and has had the beginning. */
async function reader(headers: Record<string, string> = {}): Promise<RawSocket> {
  const caller = await openInitialised(url, { headers });
  caller.subscribe('live', ticks);
  for (let given = 0; given < 2; given++) await caller.next();
  return caller;
}
/** The log grows by one, and everybody reads it. */
async function tick(readers: readonly RawSocket[]): Promise<string[]> {
  server.stage.log.append();
  return Promise.all(readers.map(async (each) => tickOf(await each.next())));
}

test('two hundred readers have each event although one never reads, which is closed with its last cursor', async () => {
  const readers = await Promise.all(Array.from({ length: 200 }, () => reader()));
  const slow = await reader({ 'x-scope': 'much' });
  slow.socket.pause();

  let sent = 0;
  for (; server.subscribers() > 200; sent++) {
    expect(sent).toBeLessThan(500);
    expect(await tick(readers)).toEqual(readers.map(() => `${sent + 1}`));
  }
  const held = heldBuffers();
  const more = 100;
  for (let next = 1; next <= more; next++) expect(await tick(readers)).toEqual(readers.map(() => `${sent + next}`));
  // A process holds buffers of its own besides; what is not thrown away would be all that it did not read.
  expect(heldBuffers() - held).toBeLessThan((more * much.length) / 4);
  expect(readers.every(({ socket }) => socket.readyState === socket.OPEN)).toBe(true);

  slow.socket.resume();
  const { code, reason } = await slow.closed;
  const last = Number(reason.slice(1));
  expect(code).toBe(4429);
  for (let seq = 1; seq <= last; seq++) expect(tickOf(await slow.next())).toBe(`${seq}`);
  expect(last).toBeGreaterThan(0);
  expect(last).toBeLessThan(sent);
  const again = await openInitialised(url, { headers: { 'x-scope': 'much' } });
  again.subscribe('live', 'subscription ($after: String) { ticks(after: $after) }', { after: reason });
  expect(tickOf(await again.next())).toBe(`${last + 1}`);
});

test('beside a thousand who read, one who never does holds no more than one event beyond its bound', async () => {
  const readers = await Promise.all(Array.from({ length: 1_000 }, () => reader()));
  const stopped = await reader({ 'x-scope': 'tooMuch' });
  stopped.socket.pause();
  expect(server.subscribers()).toBe(1_001);

  expect(await tick(readers)).toEqual(readers.map(() => '1'));
  expect(server.subscribers()).toBe(1_001);
  const held = heldBuffers();
  for (let seq = 2; seq <= 12; seq++) expect(await tick(readers)).toEqual(readers.map(() => `${seq}`));

  expect(server.subscribers()).toBe(1_000);
  expect(heldBuffers() - held).toBeLessThan(tooMuch.length);
  expect(readers.every(({ socket }) => socket.readyState === socket.OPEN)).toBe(true);
  stopped.socket.resume();
  expect(await stopped.closed).toEqual({ code: 4429, reason: 'c1' });
});

test('one who does not even read the closing is cut when its time is over', async () => {
  const slow = await reader({ 'x-scope': 'much' });
  slow.socket.pause();
  while (server.subscribers() > 0) {
    server.stage.log.append();
    await server.clock.advance(0);
  }
  await server.clock.advance(closingTime);
  slow.socket.resume();

  expect(await slow.closed).toMatchObject({ code: 1006 });
});

test('one who asks faster than it reads is not listened to until it has read, and then has every answer', async () => {
  const asked = 200;
  const caller = await openInitialised(url, { headers: { 'x-scope': 'much' } });
  caller.socket.pause();
  contexts = 0;
  for (let id = 1; id <= asked; id++) caller.subscribe(`${id}`, `{ hello } # ${'x'.repeat(60_000)}`);
  await server.clock.advance(0);
  let begun = -1;
  for (; begun < contexts; await server.clock.advance(0)) begun = contexts;
  expect(begun).toBeGreaterThan(0);
  expect(begun).toBeLessThan(asked / 2);

  caller.socket.resume();
  const answers = await Promise.all(Array.from({ length: 2 * asked }, () => caller.next()));
  const whole = answers.filter(({ payload }) => (payload as { data?: { hello: string } })?.data?.hello === much);
  expect(new Set(whole.map(({ id }) => id)).size).toBe(asked);
  expect(answers.filter(({ type }) => type === 'complete')).toHaveLength(asked);
});

test('several subscriptions of one socket each get theirs, the completed one nothing more', async () => {
  const caller = await openInitialised(url);
  for (const id of ['a', 'b"\n', 'c']) caller.subscribe(id, ticks);
  for (let given = 0; given < 6; given++) await caller.next();
  caller.send({ id: 'a', type: 'complete' });
  caller.send({ type: 'ping' });
  await caller.next();

  server.stage.log.append();
  const rest = [await caller.next(), await caller.next()];
  expect(rest.map(({ id }) => id).toSorted()).toEqual(['b"\n', 'c']);
  expect(rest.map(tickOf)).toEqual(['1', '1']);
  expect(server.subscribers()).toBe(2);
});

test('a stopping server tells each subscription where to go on and when, completes it, and closes with 1001', async () => {
  const caller = await reader();
  await tick([caller]);
  caller.subscribe('new', 'subscription { ticks }');
  await server.clock.advance(0);
  const stopped = server.close();

  const messages = await Promise.all(Array.from({ length: 4 }, () => caller.next()));
  expect(messages.filter(({ id }) => id === 'live')).toMatchObject([
    {
      type: 'next',
      payload: { errors: [{ extensions: { code: 'GOING_AWAY', cursor: 'c1', retryAfter: expect.any(Number) } }] },
    },
    { type: 'complete' },
  ]);
  expect(messages.filter(({ id }) => id === 'new').map(({ type }) => type)).toEqual(['next', 'complete']);
  expect(await caller.closed).toEqual({ code: 1001, reason: 'Going away' });
  await stopped;
});

test.each([
  ['a stopping server', () => void server.close(), 'GOING_AWAY'],
  ['a failing source', () => server.stage.log.fail(new Error('the secret inside')), 'INTERNAL_SERVER_ERROR'],
])(
  '%s tells even a reader whose socket is full how its subscription ended, and where to go on',
  async (_, end, code) => {
    const slow = await openInitialised(url, { headers: { 'x-scope': 'tooMuch' } });
    slow.subscribe('live', 'subscription { ticks }');
    while (server.stage.log.waiting() === 0) await server.clock.advance(0);
    slow.socket.pause();
    server.stage.log.append();
    await server.clock.advance(0);

    end();
    await server.clock.advance(0);
    slow.socket.resume();

    expect(await slow.next()).toMatchObject({ payload: { data: { ticks: 'tooMuch1' } } });
    expect(await slow.next()).toMatchObject({
      type: 'next',
      payload: { errors: [{ extensions: { code, cursor: 'c1' } }] },
    });
    expect(await slow.next()).toEqual({ id: 'live', type: 'complete' });
  },
);

test('a stopping server lets a query finish before it closes the socket, and begins nothing more on it', async () => {
  const caller = await openInitialised(url);
  const idle = await openInitialised(url);
  caller.subscribe('1', '{ slow }');
  await server.stage.entered.promise;
  const stopped = server.close();
  expect(await idle.closed).toMatchObject({ code: 1001 });
  caller.subscribe('2', '{ hello }');

  expect(await caller.next()).toMatchObject({
    id: '2',
    type: 'error',
    payload: [{ extensions: { code: 'GOING_AWAY' } }],
  });
  server.stage.gate.resolve();
  expect(await caller.next()).toMatchObject({ id: '1', payload: { data: { slow: 'done' } } });
  expect(await caller.next()).toEqual({ id: '1', type: 'complete' });
  expect(await caller.closed).toMatchObject({ code: 1001 });
  await stopped;
});
