import { expect, test } from 'vitest';
import { createSmallServer } from '../small-graph.ts';
import { subscribe } from '../sse.ts';

const as = (viewer: string) => ({ headers: { 'x-viewer': viewer } });
const refusal = async (server: ReturnType<typeof createSmallServer>, viewer: string) => {
  const stream = await subscribe(server, 'subscription { ticks }', as(viewer));
  const { errors } = JSON.parse((await stream.next()).data ?? '') as {
    errors: { message: string; extensions: object }[];
  };
  await stream.leave();
  return { status: stream.status, retryAfter: stream.headers.get('retry-after'), error: errors[0] };
};

test('a viewer with as many subscriptions as allowed is refused one more, until one of them ends', async () => {
  const server = createSmallServer({ live: { limits: { perViewer: 2, inAll: 10 } } });
  const first = await subscribe(server, 'subscription { ticks }', as('one'));
  const second = await subscribe(server, 'subscription { ticks }', as('one'));

  expect(await refusal(server, 'one')).toEqual({
    status: 429,
    retryAfter: '30',
    error: {
      message: 'You have 2 subscriptions, and 2 is the most. End one that is not needed, or try again later.',
      extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', retryAfter: 30_000 },
    },
  });
  const other = await subscribe(server, 'subscription { ticks }', as('other'));
  await first.leave();
  const third = await subscribe(server, 'subscription { ticks }', as('one'));

  expect([other.status, third.status, server.subscribers()]).toEqual([200, 200, 3]);
  await Promise.all([second, other, third].map((stream) => stream.leave()));
  await server.close();
});

test('all together are limited too', async () => {
  const server = createSmallServer({ live: { limits: { perViewer: 2, inAll: 2 } } });
  const streams = [
    await subscribe(server, 'subscription { ticks }', as('one')),
    await subscribe(server, 'subscription { ticks }', as('two')),
  ];

  const { status, error } = await refusal(server, 'three');

  expect(status).toBe(429);
  expect(error?.message).toContain('The gateway serves 2 subscriptions, and 2 is the most.');
  await Promise.all(streams.map((stream) => stream.leave()));
  await server.close();
});

test('a subscription that does not begin takes no room', async () => {
  const server = createSmallServer({ live: { limits: { perViewer: 1, inAll: 1 } } });
  const broken = { headers: { 'last-event-id': 'nonsense' } };
  for (const query of ['subscription { ticks }', 'subscription ($a: Int!) { countdown(from: $a) }'])
    await (await subscribe(server, query, broken)).rest();

  const stream = await subscribe(server, 'subscription { ticks }');

  expect(stream.status).toBe(200);
  expect(await stream.next()).toEqual({ id: 'c0' });
  await stream.leave();
  await server.close();
});
