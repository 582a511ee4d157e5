import { EventSource } from 'undici';
import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { startCuttingProxy } from './cutting-proxy.ts';
import { feed, logOf, randomFrom, type Seen } from './events.ts';

const cuts = 100;
const query = 'subscription { events { cursor name } }';

test('an EventSource that knows nothing of cursors goes on by itself where its connection broke', async () => {
  await using gateway = await startGateway();
  const { url } = await gateway.app.listen();
  const random = randomFrom(11);
  let left = cuts;
  const lasting = Promise.withResolvers<void>();
  await using proxy = await startCuttingProxy(Number(new URL(url).port), () => {
    if (left-- > 0) return 2_000 + Math.floor(random() * 6_000);
    lasting.resolve();
    return null;
  });
  const seen: Seen[] = [];
  const feeding = feed(gateway);
  const source = new EventSource(`http://127.0.0.1:${proxy.port}/graphql?query=${encodeURIComponent(query)}`, {
    node: { reconnectionTime: 1 },
  });
  try {
    source.addEventListener('next', (event) => {
      const { data } = JSON.parse((event as MessageEvent<string>).data) as { data: { events: Seen } };
      seen.push(data.events);
      feeding.seen(seen.length);
    });

    await lasting.promise;
    expect(proxy.cuts()).toBe(cuts);
    await feeding.stop();
    const log = await logOf(gateway);
    const from = log.findIndex((event) => event.cursor === seen[0]?.cursor);
    await expect.poll(() => seen.length).toBe(log.length - from);
    expect(seen).toEqual(log.slice(from));
  } finally {
    source.close();
  }
});
