import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { createPayload, utf8 } from '../../src/server/subscriptions/payload.ts';
import { createConnection } from '../../src/server/websocket/connection.ts';
import { createPush, type Push } from '../../src/server/websocket/push.ts';
import { createFakeClock } from '../support/clock.ts';
import { openSocket } from './raw-socket.ts';

const http = createServer();
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
let url = '';
/** The server's end of the latest socket, and what pushes to it. */
let opened: PromiseWithResolvers<{ readonly socket: WebSocket; readonly wire: Socket; readonly push: Push }>;
http.on('upgrade', (request, wire, head) =>
  sockets.handleUpgrade(request, wire, head, (socket) =>
    opened.resolve({
      socket,
      wire: request.socket,
      push: createPush(socket, request.socket, utf8('{"id":"ü","payload":')),
    }),
  ),
);
beforeEach(async () => {
  opened = Promise.withResolvers();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(() => {
  for (const socket of sockets.clients) socket.terminate();
  http.close();
});

/** About the lengths at which a frame's header grows, with characters of one byte to four. */
const lengths = [0, 1, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 65_000, ...near(65_490, 20), 300_000];
const texts = [
  ...lengths.map((length) => 'x'.repeat(length)),
  'é',
  '€'.repeat(30_000),
  '😀'.repeat(40_000),
  '"\\\u0000',
];

test('a payload arrives as it is, whatever its length and its characters', async () => {
  const caller = await openSocket(url);
  const { push } = await opened.promise;
  for (const text of texts) {
    expect(push(createPayload({ data: { text } }))).toBe(true);
    expect(await caller.next()).toEqual({ id: 'ü', payload: { data: { text } } });
  }
});

test('what is pushed and what is sent arrive in their order, also where much waits', async () => {
  const caller = await openSocket(url);
  const { socket, push } = await opened.promise;
  const count = 200;
  for (let number = 0; number < count; number++) {
    if (number % 3 === 0) socket.send(JSON.stringify({ id: 'sent', payload: { data: { number } } }));
    else push(createPayload({ data: { number, filling: 'é'.repeat(number * 13) } }));
    if (number % 7 === 0) socket.ping();
  }
  for (let number = 0; number < count; number++)
    expect(await caller.next()).toMatchObject({
      id: number % 3 === 0 ? 'sent' : 'ü',
      payload: { data: { number } },
    });
});

test('nothing is pushed behind the closing frame', async () => {
  const handshake = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
  const asked = httpRequest(url, { headers: { ...handshake, 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' } }).end();
  const [, wire] = await once(asked, 'upgrade');
  const { socket, push } = await opened.promise;
  socket.close(1001);
  expect(push(createPayload({ data: { late: true } }))).toBe(true);
  // Whatever is written now would be behind it.
  socket.terminate();

  expect(Buffer.concat(await wire.toArray())).toEqual(Buffer.from([0x88, 2, 1001 >> 8, 1001 & 0xff]));
});

function near(length: number, range: number): number[] {
  return Array.from({ length: range }, (_, place) => length + place);
}

test('who has read all that was pushed is listened to again, though what was sent before it was read long ago', async () => {
  const caller = await openSocket(url);
  const { socket, wire } = await opened.promise;
  const { send } = createConnection(socket, wire, { url, headers: new Map() }, createFakeClock());
  await send('{"type":"pong"}');
  expect(await caller.next()).toEqual({ type: 'pong' });
  // As where more than may wait was pushed behind what was sent last.
  socket.pause();
  wire.emit('drain');
  expect(socket.isPaused).toBe(false);
});
