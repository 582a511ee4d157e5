import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { startGateway } from '../support/gateway.ts';
import { feed, logOf, type Seen } from './events.ts';
import { follow } from './follow.ts';

/** A line to a gateway that closes each connection after three events, each time with the next of these codes, then with the last. */
async function startClosingProxy(target: string, codes: readonly number[]) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'graphql-transport-ws' });
  await once(server, 'listening');
  const closed: number[] = [];
  server.on('connection', (client) => {
    const gateway = new WebSocket(target, 'graphql-transport-ws');
    const opened = once(gateway, 'open');
    let events = 0;
    client.on('message', async (data) => {
      await opened;
      gateway.send(String(data));
    });
    gateway.on('message', (data) => {
      client.send(String(data));
      events += String(data).includes('"next"') ? 1 : 0;
      if (events < 3) return;
      const code = codes[closed.length] ?? codes.at(-1) ?? 1000;
      closed.push(code);
      client.close(code);
      gateway.removeAllListeners('message').close();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    closed,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('the follower of the README goes on after every code but 4403, also after 4429, which graphql-ws itself gives up at', async () => {
  await using gateway = await startGateway();
  const { url } = await gateway.app.listen();
  const codes = [4429, 1001, 1012, 4429, 4408, 4499, 4429, 4403];
  await using proxy = await startClosingProxy(`${url.replace('http', 'ws')}/graphql`, codes);
  await gateway.deliver('billing.note', gateway.clock.now(), {});
  const seen: Seen[] = await logOf(gateway);
  const feeding = feed(gateway);
  const client = createClient({ url: proxy.url, retryAttempts: 0 });
  const waits: number[] = [];
  const onEvent = (event: Seen) => {
    seen.push(event);
    feeding.seen(seen.length);
  };

  const ended = follow(client, seen.at(-1)?.cursor ?? null, onEvent, async (wait) => waits.push(wait));
  await expect(ended).rejects.toMatchObject({ code: 4403 });
  await feeding.stop();
  await client.dispose();

  expect(proxy.closed).toEqual(codes);
  expect(waits).toEqual(codes.slice(1).map(() => 1_000));
  expect(seen).toEqual((await logOf(gateway)).slice(0, seen.length));
  expect(seen.length).toBeGreaterThan(3 * codes.length);
});

test('it comes back when a gateway that is restarted says, and stops at what asking again does not mend', async () => {
  await using gateway = await startGateway();
  const { url } = await gateway.app.listen();
  await gateway.deliver('billing.note', gateway.clock.now(), {});
  const newest = (await logOf(gateway)).at(-1);
  const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, retryAttempts: 0 });
  const waits: number[] = [];
  const seen: Seen[] = [];
  const stopped = new Error('Enough');
  const ended = follow(
    client,
    newest?.cursor ?? null,
    (event) => seen.push(event),
    async (wait) => {
      waits.push(wait);
      throw stopped;
    },
  );
  await gateway.deliver('billing.second', gateway.clock.now() + 1, {});
  await expect.poll(() => seen.at(-1)?.name).toBe('billing.second');
  await Promise.all([gateway.restart(), expect(ended).rejects.toBe(stopped)]);
  expect(waits).toHaveLength(1);
  expect(waits[0]).toBeGreaterThan(1_000);
  await client.dispose();

  const { url: anew } = await gateway.app.listen();
  const other = createClient({ url: `${anew.replace('http', 'ws')}/graphql`, retryAttempts: 0 });
  await expect(
    follow(
      other,
      'no cursor',
      () => undefined,
      async () => undefined,
    ),
  ).rejects.toThrow('BAD_USER_INPUT');
  await other.dispose();
});

test('the README shows it as it stands', async () => {
  const [, shown] = (await readFile(new URL('follow.ts', import.meta.url), 'utf8')).split('the test of it compares.\n');

  expect(await readFile('README.md', 'utf8')).toContain(shown?.replace('export ', '').trim());
});
