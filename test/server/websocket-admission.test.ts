import { once } from 'node:events';
import { createServer as createHttpServer, get } from 'node:http';
import { createYoga } from 'graphql-yoga';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../../src/server/log.ts';
import { createOrigins } from '../../src/server/origins.ts';
import { mostUninitialised } from '../../src/server/websocket/protocol.ts';
import { serveWebSocket } from '../../src/server/websocket.ts';
import { createFakeClock } from '../support/clock.ts';
import { openInitialised, openSocket, type RawSocket } from './raw-socket.ts';
import { createSmallServer } from './small-graph.ts';

type SmallServer = ReturnType<typeof createSmallServer>;

const servers: SmallServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

/** A server that lets in whoever authorizes as one of these; what its operations are asked with is kept. */
async function guarded(...allowed: string[]) {
  const asked: (string | null)[] = [];
  const operations: Headers[] = [];
  const server = createSmallServer({
    live: { limits: { perViewer: 2, inAll: 10 } },
    authenticate: async ({ headers }) => {
      const authorization = headers.get('authorization');
      asked.push(authorization);
      if (!allowed.includes(authorization ?? '')) throw new Error('the secret inside');
      return authorization ?? '';
    },
    createContext: ({ headers, signal }, requestId) => {
      operations.push(headers);
      return { ...smallContext, signal, requestId };
    },
  });
  servers.push(server);
  return { server, asked, operations, url: (await server.listen()).url };
}

const smallContext = {
  ...{ greeting: 'hello', viewer: 'one', scope: '' },
  place: { seq: null, resume: null, atEnd: 'wait' },
} as const;

describe('whoever connects', () => {
  test.each([
    ['authorization', { authorization: 'Bearer good' }, {}],
    ['Authorization', { Authorization: 'Bearer good' }, {}],
    ['a header of the handshake', undefined, { authorization: 'Bearer good' }],
    ['the payload before the header', { authorization: 'Bearer good' }, { authorization: 'Bearer bad' }],
  ])(
    'is asked for by %s, at first and of each operation, which is asked with the same',
    async (_, payload, headers) => {
      const { url, asked, operations } = await guarded('Bearer good');
      const caller = await openSocket(url, { headers: { ...headers, 'x-other': 'kept' } });
      caller.send({ type: 'connection_init', payload });
      expect(await caller.next()).toEqual({ type: 'connection_ack' });
      for (const id of ['1', '2']) {
        caller.subscribe(id, '{ hello }');
        expect(await caller.next()).toMatchObject({ id, type: 'next' });
        await caller.next();
      }

      expect(asked).toEqual(['Bearer good', 'Bearer good', 'Bearer good']);
      expect(operations.map((each) => each.get('authorization'))).toEqual(['Bearer good', 'Bearer good']);
      expect(operations.map((each) => each.get('x-other'))).toEqual(['kept', 'kept']);
      expect(operations.map((each) => each.get('sec-websocket-key'))).toEqual([null, null]);
    },
  );

  test.each([
    ['nothing', undefined],
    ['another token', { authorization: 'Bearer bad' }],
    ['what no header may hold', { authorization: 'Bearer good\r\nx-viewer: admin' }],
    ['what is no text', { authorization: { toString: 'Bearer good' } }],
  ])('with %s is sent away, without being told why', async (_, payload) => {
    const { url, operations, server } = await guarded('Bearer good');
    const caller = await openSocket(url);
    caller.send({ type: 'connection_init', payload });

    expect(await caller.closed).toEqual({ code: 4403, reason: 'Forbidden' });
    expect(operations).toEqual([]);
    expect(server.stage.lines.map(({ level, msg }) => [level, msg])).toEqual([['debug', 'A socket was refused']]);
  });

  test('asks for nothing before it is let in', async () => {
    const { url, operations } = await guarded('Bearer good');
    const caller = await openSocket(url);
    caller.send({ type: 'connection_init', payload: { authorization: 'Bearer good' } });
    caller.subscribe('1', '{ hello }');

    expect(await caller.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
    expect(operations).toEqual([]);
  });

  test('and is no longer let in is sent away when that is noticed', async () => {
    const server = createSmallServer({ live: { admission: () => () => false } });
    servers.push(server);
    const caller = await openInitialised((await server.listen()).url);
    caller.subscribe('1', 'subscription { ticks(first: true) }');
    await caller.next();
    await server.clock.advance(60_000);

    await caller.next();
    expect(await caller.closed).toEqual({ code: 4403, reason: 'Forbidden' });
    expect(server.subscribers()).toBe(0);
  });
});

test('no more sockets are opened than there may be, with a text that says how many that is', async () => {
  const yoga = createYoga({});
  const http = createHttpServer().listen(0, '127.0.0.1');
  const endpoint = serveWebSocket({
    server: http,
    envelop: (initial) => yoga.getEnveloped(initial),
    streams: new WeakMap(),
    origins: createOrigins('http://127.0.0.1:4000', []),
    textOf: ({ query }) => query ?? undefined,
    mask: () => {
      throw new Error('Nothing is run here');
    },
    newRequestId: () => '1',
    publicUrl: 'http://127.0.0.1:4000',
    hostRefusal: () => null,
    isStopping: () => false,
    mostSockets: 2,
    perViewer: 2,
    clock: createFakeClock(),
    log: createLogger({ level: 'silent', destination: { write: () => undefined } }),
  });
  onTestFinished(async () => {
    await endpoint.close();
    http.close();
  });
  await once(http, 'listening');
  const address = http.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;
  const [first] = [await openInitialised(url), await openInitialised(url)];

  expect(await refusal(port)).toEqual({
    status: 503,
    text: 'This server has 2 WebSockets open, and that is the most.\n',
  });
  first.socket.close();
  await first.closed;
  // One that has not said who it is has no place that somebody else could not have.
  const silent = await openSocket(url);
  const last = await openInitialised(url);
  expect(await silent.closed).toMatchObject({ code: 1006 });
  expect(last.socket.readyState).toBe(last.socket.OPEN);
});

test('of many sockets that do not say who they are the first ones are cut, and those who do say it come in', async () => {
  const { url } = await guarded('Bearer good');
  const silent: RawSocket[] = [];
  for (let batch = 0; batch < 10; batch++)
    silent.push(...(await Promise.all(Array.from({ length: mostUninitialised / 10 }, () => openSocket(url)))));
  const [longest] = silent;
  const caller = await openSocket(url);
  await longest?.closed;
  caller.send({ type: 'connection_init', payload: { authorization: 'Bearer good' } });

  expect(await caller.next()).toEqual({ type: 'connection_ack' });
  expect(silent.filter(({ socket }) => socket.readyState !== socket.OPEN)).toHaveLength(1);
});

test('a viewer has so many sockets and no more, and others have theirs', async () => {
  const { url } = await guarded('Bearer one', 'Bearer other');
  const open = (authorization: string) => openInitialised(url, { headers: { authorization } });
  const [first] = [await open('Bearer one'), await open('Bearer one')];

  const third = await openSocket(url, { headers: { authorization: 'Bearer one' } });
  third.send({ type: 'connection_init' });
  expect(await third.closed).toEqual({ code: 1013, reason: 'You have 2 sockets open, and that is the most' });
  await open('Bearer other');
  first.socket.close();
  await first.closed;
  await open('Bearer one');
});

/** What a handshake is refused with. */
async function refusal(port: number): Promise<{ status: number | undefined; text: string }> {
  const handshake = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
  const headers = { ...handshake, 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
  const [response] = await once(get({ port, host: '127.0.0.1', path: '/graphql', headers }), 'response');
  return { status: response.statusCode, text: (await response.setEncoding('utf8').toArray()).join('') };
}
