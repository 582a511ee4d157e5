import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pingInterval } from '../../src/server/websocket/keep-alive.ts';
import { openInitialised } from './raw-socket.ts';
import { createSmallServer } from './small-graph.ts';

let server: ReturnType<typeof createSmallServer>;
let url = '';
beforeEach(async () => {
  server = createSmallServer();
  url = (await server.listen()).url;
});
afterEach(() => server.close());

test('a caller that vanished is found within a minute, and nothing of it is left', async () => {
  const vanished = await openInitialised(url, { answersPings: false });
  const staying = await openInitialised(url);
  for (const caller of [vanished, staying]) {
    caller.subscribe('1', 'subscription { ticks(first: true) }');
    await caller.next();
  }
  expect(server.subscribers()).toBe(2);

  await server.clock.advance(60_000);
  expect(server.subscribers()).toBe(1);
  expect(await vanished.closed).toMatchObject({ code: 1006 });
  expect(staying.socket.readyState).toBe(staying.socket.OPEN);
  staying.socket.terminate();
  await server.clock.advance(pingInterval);
  expect(server.subscribers()).toBe(0);
  expect(server.stage.log.waiting()).toBe(0);
  expect(server.clock.pending()).toBe(0);
});

test('each caller is asked once in each interval, and the callers of one moment together', async () => {
  const callers = await Promise.all(Array.from({ length: 3 }, () => openInitialised(url)));
  const asked = callers.map(() => 0);
  for (const [place, { socket }] of callers.entries())
    socket.on('ping', () => asked.splice(place, 1, (asked[place] ?? 0) + 1));

  await server.clock.advance(pingInterval - 1);
  expect(asked).toEqual([0, 0, 0]);
  await server.clock.advance(3 * pingInterval + 1);
  expect(asked).toEqual([4, 4, 4]);
});

test('callers who came at different times are asked in turns', async () => {
  const first = await openInitialised(url);
  await server.clock.advance(pingInterval / 5);
  const second = await openInitialised(url);
  let secondAsked = false;
  second.socket.on('ping', () => {
    secondAsked = true;
  });
  const firstAsked = once(first.socket, 'ping');

  await server.clock.advance((pingInterval * 4) / 5);
  await firstAsked;
  expect(secondAsked).toBe(false);
});
