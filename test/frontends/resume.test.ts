import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { type Attempt, apollo, graphqlSse, graphqlWs, urql } from './attempts.ts';
import { startCuttingProxy } from './cutting-proxy.ts';
import { feed, logOf, randomFrom, type Seen } from './events.ts';

const cuts = 100;

const frontends: readonly (readonly [string, Attempt])[] = [
  ['graphql-ws', graphqlWs],
  ['graphql-sse', graphqlSse],
  ['urql', urql],
  ['Apollo Client', apollo],
];

test.each(frontends)(
  '%s loses its connection a hundred times and ends with exactly the log',
  async (_name, attempt) => {
    await using gateway = await startGateway();
    const { url } = await gateway.app.listen();
    const random = randomFrom(7);
    let left = cuts;
    await using proxy = await startCuttingProxy(Number(new URL(url).port), () =>
      left-- > 0 ? 1 + Math.floor(random() * 12_000) : null,
    );
    await gateway.deliver('billing.note', gateway.clock.now(), {});
    const seen: Seen[] = await logOf(gateway);
    const feeding = feed(gateway);
    const follow = (enough: () => boolean) =>
      attempt(proxy.port, seen.at(-1)?.cursor ?? null, (event) => {
        seen.push(event);
        feeding.seen(seen.length);
        return enough();
      });

    for (let tries = 0; tries < 2 * cuts && proxy.cuts() < cuts; tries++) await follow(() => proxy.cuts() >= cuts);
    await feeding.stop();
    const log = await logOf(gateway);
    if (seen.length < log.length) await follow(() => seen.length >= log.length);

    expect(proxy.cuts()).toBe(cuts);
    expect(log.length).toBeGreaterThan(cuts);
    expect(seen).toEqual(log);
  },
);
