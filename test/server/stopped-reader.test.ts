import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { patience } from '../../src/server/event-stream-body.ts';
import { createSmallServer } from './small-graph.ts';
import { subscribe } from './sse.ts';

/** So long is each payload that the machine's own buffers are full after some hundreds. */
const scope = 'x'.repeat(12_000);
/** Several times what all buffers and the stream's own queue hold. */
const events = 2_000;

let server: ReturnType<typeof createSmallServer>;
let socket: Socket;
beforeEach(async () => {
  server = createSmallServer();
  const { port } = new URL((await server.listen()).url);
  socket = connect(Number(port), '127.0.0.1');
  const target = `/graphql?query=${encodeURIComponent('subscription { ticks }')}`;
  socket.write(
    `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: text/event-stream\r\nX-Scope: ${scope}\r\n\r\n`,
  );
  let head = '';
  while (!head.includes('id: c0')) head += String((await once(socket, 'data'))[0]);
  socket.pause();
});
afterEach(async () => {
  socket.destroy();
  await server.close();
});

/** Each event reaches one who reads before the next happens. */
async function happen(): Promise<void> {
  const reading = await subscribe(server, 'subscription { ticks }', { headers: { 'x-scope': scope } });
  await reading.next();
  for (let seq = 1; seq <= events; seq++) {
    server.stage.log.append();
    expect(await reading.take(1)).toEqual([`${scope}${seq}`]);
  }
  await reading.leave();
}

test('a caller that stops reading is let go of while others read on, and told so when it reads again', async () => {
  await happen();
  expect(server.subscribers()).toBe(0);

  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  socket.resume();
  while (!text.includes('event: complete')) await setImmediate();

  const ids = text.match(/^id: c\d+$/gm) ?? [];
  expect(ids.length).toBeLessThan(events);
  expect(ids).toEqual(ids.map((_, index) => `id: c${index + 1}`));
  expect(text).toContain(`"code":"TOO_SLOW","cursor":"c${ids.length}"`);
});

test('its connection is cut when it does not read again', async () => {
  await happen();
  const closed = once(socket, 'close');

  await server.clock.advance(patience);

  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  socket.on('error', () => undefined);
  socket.resume();
  await closed;
  expect(text).not.toContain('event: complete');
});
