import { createServer as createTcpServer } from 'node:net';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { grace } from '../../src/server/server.ts';
import { createSmallServer } from './small-graph.ts';
import { subscribe } from './sse.ts';

test('a stopping server finishes what runs, accepts nothing new, and then is gone', async () => {
  const server = createSmallServer();
  const { url } = await server.listen();
  const running = fetch(`${url}/graphql?query={slow}`);
  await server.stage.entered.promise;

  const closed = server.close();
  await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  server.stage.gate.resolve();

  expect(await (await running).json()).toMatchObject({ data: { slow: 'done' } });
  await closed;
  expect(server.close()).toBe(closed);
});

test('what does not finish is cut when the grace is over, and not before', async () => {
  const server = createSmallServer();
  const { url } = await server.listen();
  let outcome = 'running';
  const running = fetch(`${url}/graphql?query={slow}`).then(
    () => (outcome = 'answered'),
    () => (outcome = 'cut'),
  );
  await server.stage.entered.promise;
  const closed = server.close();

  await server.clock.advance(grace - 1);
  expect(outcome).toBe('running');
  await server.clock.advance(1);
  await closed;
  await running;
  expect(outcome).toBe('cut');
});

test('WebSockets are closed with 1001 and their subscriptions completed', async () => {
  const server = createSmallServer();
  const { url } = await server.listen();
  const code = Promise.withResolvers<number>();
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    on: { closed: (event) => code.resolve((event as { code: number }).code) },
  });
  const results = client.iterate({ query: 'subscription { silent }' });
  await results.next();
  const rest = results.next().catch(() => 'closed');

  await server.close();
  expect(await code.promise).toBe(1001);
  await rest;
  await server.stage.sourceEnded.promise;
});

test('server-sent events are completed at once, although their source waits', async () => {
  const server = createSmallServer();
  const { url } = await server.listen();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { silent }' }),
  });
  const text = response.text();

  await server.close();
  expect(await text).toContain('event: complete');
  expect(server.subscribers()).toBe(0);
});

test('subscriptions end with their cursors and are asked back at different times, new ones are refused', async () => {
  let draw = 0;
  const server = createSmallServer({ live: { random: () => (draw++ % 10) / 10 } });
  const streams = await Promise.all(Array.from({ length: 100 }, () => subscribe(server, 'subscription { ticks }')));
  await Promise.all(streams.map((stream) => stream.next()));
  server.stage.log.append();
  await Promise.all(streams.map((stream) => stream.take(1)));

  await server.close();

  const waits: number[] = [];
  for (const stream of streams) {
    const [ending, complete] = await stream.rest();
    const { errors } = JSON.parse(ending?.data ?? '') as { errors: { extensions: { retryAfter: number } }[] };
    expect(errors).toMatchObject([{ extensions: { code: 'GOING_AWAY', cursor: 'c1' } }]);
    expect(ending?.retry).toBe(String(errors[0]?.extensions.retryAfter));
    expect(complete).toEqual({ event: 'complete', data: '' });
    waits.push(Number(ending?.retry));
  }
  expect(new Set(waits)).toEqual(new Set(Array.from({ length: 10 }, (_, index) => 1_000 + index * 30)));
  const refused = await subscribe(server, 'subscription { ticks }');
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await refused.next()).data).toContain('GOING_AWAY');
  expect(server.subscribers()).toBe(0);
});

test('who comes while others are being sent away is asked back among them', async () => {
  const server = createSmallServer({ live: { random: () => 0.5 } });
  const streams = await Promise.all(Array.from({ length: 1_000 }, () => subscribe(server, 'subscription { ticks }')));
  const opening = subscribe(server, 'subscription { ticks }');

  await server.close();

  const refused = [await opening, await subscribe(server, 'subscription { ticks }')];
  for (const { status, headers, next } of refused) {
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('3');
    expect((await next()).data).toContain('"retryAfter":2500');
  }
  await Promise.all(streams.map((stream) => stream.rest()));
});

test('one that was cut in the middle of its backlog goes on from what it has had', async () => {
  const server = createSmallServer();
  for (let count = 0; count < 10; count++) server.stage.log.append();
  const stream = await subscribe(server, 'subscription { ticks(after: "c0") }');
  expect(await stream.take(4)).toEqual(['1', '2', '3', '4']);

  await server.close();

  const rest = await stream.rest();
  const had = rest.filter(({ event, id }) => event === 'next' && id !== undefined);
  const cursor = `c${4 + had.length}`;
  expect(JSON.parse(rest.at(-2)?.data ?? '')).toMatchObject({ errors: [{ extensions: { cursor } }] });
});

test('a port in use is a failure of listen with its code', async () => {
  const other = createTcpServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const server = createSmallServer({ config: { port } });

  await expect(server.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  other.close();
});
