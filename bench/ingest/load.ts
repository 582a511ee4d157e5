import { Pool } from 'undici';
import { latenciesOf } from '../load/latencies.ts';
import { signed, type Webhook } from '../webhook.ts';

/** What a burst of webhooks met with. */
export interface Burst {
  readonly sent: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p99: number;
  readonly slowest: number;
}

export interface Target {
  readonly url: string;
  readonly secret: string;
  readonly trunks: readonly string[];
  readonly numbers: readonly string[];
}

/** Requests under way at once, each on a connection of its own. */
export const concurrency = 64;

/** Sends signed webhooks for so many milliseconds, each worker the next as soon as its last one was answered. */
export async function burst(target: Target, milliseconds: number): Promise<Burst> {
  const { origin, pathname } = new URL('/webhooks/didfarm', target.url);
  const pool = new Pool(origin, { connections: concurrency, pipelining: 1 });
  const latencies: number[] = [];
  const startedAt = performance.now();
  const work = async () => {
    while (performance.now() - startedAt < milliseconds) {
      const webhook = nextEvent(target);
      const sentAt = performance.now();
      const answer = await pool.request({ method: 'POST', path: pathname, ...webhook });
      await answer.body.dump();
      if (answer.statusCode !== 200) throw new Error(`A webhook was answered ${answer.statusCode}`);
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const seconds = (performance.now() - startedAt) / 1000;
  await pool.close();
  const { p99, slowest } = latenciesOf(latencies);
  return { sent: latencies.length, perSecond: latencies.length / seconds, p99, slowest };
}

let sent = 0;

/** Half of them about trunks, a third about numbers, the rest texts; no two with the same bytes. */
function nextEvent({ secret, trunks, numbers }: Target): Webhook {
  sent += 1;
  const trunk = trunks[sent % trunks.length];
  const number = numbers[sent % numbers.length];
  const isUp = Math.floor(sent / trunks.length) % 2 === 0;
  const kind = sent % 6;
  // DIDfarm's timestamps are whole seconds.
  const timestamp = `${new Date().toISOString().slice(0, 19)}Z`;
  const [event, data] =
    kind < 3
      ? [isUp ? 'trunk.registered' : 'trunk.offline', { trunk_uuid: trunk, name: `Client ${trunk}`, delivery: sent }]
      : kind < 5
        ? [
            isUp ? 'number.activated' : 'number.suspended',
            { number, country: 'NL', type: 'local', order_id: 1000 + (sent % numbers.length) },
          ]
        : ['message.received', { id: sent, from: '+31687654321', to: number, body: 'Can you call me back today?' }];
  return signed({ event, timestamp, data }, secret);
}
