import { createServer as createTcpServer } from 'node:net';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { grace } from '../../src/server/server.ts';
import { createSmallServer } from './small-graph.ts';

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

test('a port in use is a failure of listen with its code', async () => {
  const other = createTcpServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const server = createSmallServer({ config: { port } });

  await expect(server.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  other.close();
});
