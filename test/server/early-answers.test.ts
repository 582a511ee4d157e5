import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSmallServer } from './small-graph.ts';

const server = createSmallServer({ config: { publicUrl: 'https://graph.example.com' } });
let port = 0;
beforeAll(async () => {
  port = Number(new URL((await server.listen()).url).port);
});
afterAll(() => server.close());

/** All that comes until the server closes. */
async function answerTo(text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket
    .on('error', () => undefined)
    .on('data', (chunk) => {
      answer += String(chunk);
    });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(text);
  await closed;
  return answer;
}

const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
const get = (path: string, headers: string) => `GET ${path} HTTP/1.1\r\n${headers}\r\n`;

test.each([
  [421, 'another host', get('/graphql', 'Host: evil.example\r\n')],
  [400, 'no host', get('/graphql', 'Host: a b\r\n')],
  [400, 'what is no HTTP', 'HELO gateway\r\n\r\n'],
  [400, 'two lengths', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
  [431, 'headers without end', get('/', `Host: localhost\r\nX: ${'x'.repeat(20_000)}\r\n`)],
  [417, 'an expectation', get('/', 'Host: localhost\r\nExpect: much\r\n')],
  [421, 'a socket for another host', get('/graphql', `Host: evil.example\r\n${upgrade}${key}`)],
  [404, 'a socket elsewhere', get('/nope', `Host: localhost\r\n${upgrade}${key}`)],
  [
    403,
    'a socket of another page',
    get('/graphql', `Host: localhost\r\nOrigin: https://evil.example\r\n${upgrade}${key}`),
  ],
  [400, 'a socket without a key', get('/graphql', `Host: localhost\r\n${upgrade}`)],
  [400, 'another protocol', get('/graphql', 'Host: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n')],
])('%i to %s has the headers of any other answer', async (status, _, text) => {
  const answer = await answerTo(text);

  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  for (const header of [
    'x-content-type-options: nosniff',
    'x-frame-options: DENY',
    "content-security-policy: default-src 'none'",
    'referrer-policy: no-referrer',
    'cache-control: no-store',
    'strict-transport-security: max-age=31536000',
    'connection: close',
  ])
    expect(answer.toLowerCase()).toContain(`\r\n${header.toLowerCase()}`);
});

test('what cannot be read after a request is not answered within the answer to that one', async () => {
  const body = JSON.stringify({ query: 'subscription { silent }' });
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n');
  socket.write(`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  while (!answer.includes('"silent":1')) await once(socket, 'data');
  socket.write('HELO gateway\r\n\r\n');
  await once(socket, 'close');

  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
});
