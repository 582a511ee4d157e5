import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createSmallServer } from './small-graph.ts';

let server: ReturnType<typeof createSmallServer>;
let port = 0;
beforeEach(async () => {
  server = createSmallServer({ config: { publicUrl: 'https://graph.example.com' } });
  port = Number(new URL((await server.listen()).url).port);
});
afterEach(() => server.close());

const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
const handshake = { ...upgrade, 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' };

/** The status and the body that a request with these headers is answered with; 101 where it is upgraded. */
async function asked(path: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const sent = request({ port, host: '127.0.0.1', path, headers });
  sent.on('error', reject);
  sent.on('upgrade', (_response, socket) => {
    socket.destroy();
    resolve({ status: 101, body: '' });
  });
  sent.on('response', async (response) => {
    resolve({ status: response.statusCode ?? 0, body: (await response.setEncoding('utf8').toArray()).join('') });
  });
  sent.end();
  return promise;
}

describe('the host that a request names', () => {
  test.each([
    'localhost',
    'localhost:4000',
    '127.0.0.1:1',
    '127.9.9.9',
    '[::1]:4000',
    'graph.example.com',
    'GRAPH.example.com:443',
  ])('%s is this gateway, over HTTP and for sockets', async (host) => {
    expect(await asked('/health/live', { host })).toMatchObject({ status: 200 });
    expect(await asked('/graphql', { host, ...handshake })).toMatchObject({ status: 101 });
  });

  test.each(['rebound.example:4000', 'graph.example.com.rebound.example', '127.0.0.1.rebound.example', '192.168.1.7'])(
    '%s is somebody else, whatever the path and the page',
    async (host) => {
      for (const path of ['/graphql', '/metrics', '/webhooks/didfarm', '/nowhere'])
        expect(await asked(path, { host })).toEqual({ status: 421, body: 'Misdirected Request\n' });
      expect(await asked('/graphql', { host, origin: `http://${host}`, ...handshake })).toMatchObject({ status: 421 });
    },
  );

  test.each(['%%%', 'a b', 'x@127.0.0.1', '127.0.0.1:port'])('%j is no host', async (host) => {
    expect(await asked('/health/live', { host })).toEqual({ status: 400, body: 'Bad Request\n' });
    expect(await asked('/graphql', { host, ...handshake })).toMatchObject({ status: 400 });
  });
});

test.each([
  ['before its answer', false],
  ['after its answer', true],
])('a caller whose upgrade is refused and who resets the connection %s ends nothing', async (_, reads) => {
  const uncaught: unknown[] = [];
  const note = (error: unknown) => void uncaught.push(error);
  process.on('uncaughtException', note);
  onTestFinished(() => void process.off('uncaughtException', note));

  for (let times = 0; times < 20; times++) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    socket.write('GET /nope HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    if (reads) expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1.1 404 Not Found/);
    socket.resetAndDestroy();
    for (let turn = 0; turn < 10; turn++) await setImmediate();
  }

  expect(uncaught).toEqual([]);
  expect(await asked('/health/live', { host: 'localhost' })).toMatchObject({ status: 200 });
});

test('a refused upgrade whose caller stays does not hold up the end', async () => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write('GET /nope HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await once(socket, 'data');

  await server.close();

  socket.destroy();
});
