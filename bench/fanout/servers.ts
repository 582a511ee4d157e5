import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { ask, type Child, startChild } from '../children.ts';
import { type Delivered, type Listeners, startListeners } from './listening.ts';

/** A server with its subscribers, each in a process of its own. */
export interface Broadcaster {
  readonly child: Child;
  /** So many subscribers more. */
  open(count: number): Promise<void>;
  /** One event to all of them. */
  deliver(): Promise<Delivered>;
  memory(): Promise<Memory>;
  stop(): Promise<void>;
}

/** Resident bytes: `held` when all that nobody holds is given back, `heap` of it V8's, `before` with what waits to be collected. */
export interface Memory {
  readonly held: number;
  readonly heap: number;
  readonly before: number;
}

const subscription = `subscription {
  trunkStatus { trunk { uuid name status statusSince client { name } } previous at cursor }
}`;

const collecting = ['--expose-gc', '--import', './bench/fanout/collector.ts'];
const trunks = 3;

/** The gateway as it is started for production, with a sandbox in DIDfarm's place here. */
export async function startGateway(): Promise<Broadcaster> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-fanout-'));
  const sandbox = createSandbox({ trunks, numbers: 6, transactions: 10, rateLimit: null });
  await sandbox.listen();
  const env = {
    DIDFARM_API_KEY: sandbox.apiKey,
    DIDFARM_BASE_URL: sandbox.apiUrl,
    DIDFARM_REGULATORY_URL: sandbox.regulatoryUrl,
    DIDFARM_WEBHOOK_SECRET: sandbox.webhookSecret,
    DATABASE_URL: `sqlite:${join(folder, 'gateway.db')}`,
    PORT: '0',
    SUBSCRIPTIONS_PER_VIEWER: '20000',
    // For profiles: the options of whoever runs this reach the gateway alone.
    NODE_OPTIONS: process.env['BENCH_GATEWAY_OPTIONS'] ?? '',
  };
  const child = await startChild([...collecting, 'src/main.ts'], { env, pinned: true, address: /"url":"([^"]+)"/ });
  // Subscribers begin with the trunks that are known.
  await (await ask(child.url, '{ trunks { nodes { uuid } } }')).arrayBuffer();
  const listeners = startListeners();
  const [trunk] = sandbox.control.world.trunks.all();
  if (trunk === undefined) throw new Error('The sandbox has no trunks');
  /** What a listing shows is so as well: the gateway would find a difference and tell it. */
  const change = () => {
    const isOffline = sandbox.control.world.trunks.byUuid(trunk.uuid)?.status === 'offline';
    return sandbox.control.setTrunkStatus(trunk.uuid, isOffline ? 'registered' : 'offline');
  };

  return {
    child,
    open: (count) =>
      listeners.open({
        url: `${child.url.replace('http', 'ws')}/graphql`,
        first: [
          JSON.stringify({ type: 'connection_init' }),
          JSON.stringify({ id: '', type: 'subscribe', payload: { query: subscription } }),
        ],
        // The acknowledgement, and each trunk as it is.
        messages: 1 + trunks,
        count,
      }),
    deliver() {
      const timestamp = new Date().toISOString();
      const body = JSON.stringify({
        event: `trunk.${change().status}`,
        timestamp,
        data: { trunk_uuid: trunk.uuid, name: trunk.name, username: trunk.username },
      });
      const signature = createHmac('sha256', sandbox.webhookSecret).update(body).digest('hex');
      const headers = { 'content-type': 'application/json', 'x-didfarm-signature': signature };
      return listeners.deliver({ url: `${child.url}/webhooks/didfarm`, headers, body, mark: `"at":"${timestamp}"` });
    },
    memory: memoryOf(child),
    async stop() {
      await stop(child, listeners);
      await sandbox.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** `ws` alone. It broadcasts `message`, a text of the gateway's. */
export async function startBare(message: () => string): Promise<Broadcaster> {
  const child = await startChild([...collecting, 'bench/fanout/bare-broadcast.ts'], {
    pinned: true,
    address: /(http:\S+)\n/,
  });
  const listeners = startListeners();
  return {
    child,
    open: (count) => listeners.open({ url: child.url.replace('http', 'ws'), first: [], messages: 0, count }),
    deliver: () => listeners.deliver({ url: child.url, headers: {}, body: message(), mark: '"cursor"' }),
    memory: memoryOf(child),
    stop: () => stop(child, listeners),
  };
}

async function stop(child: Child, listeners: Listeners): Promise<void> {
  await listeners.stop();
  await child.stop();
}

function memoryOf({ process: { child, printed } }: Child): () => Promise<Memory> {
  let asked = 0;
  return async () => {
    child.kill('SIGUSR2');
    const said = await printed(new RegExp(`collected ${++asked}: (\\d+) held, (\\d+) of it heap, (\\d+) before`));
    const [held = 0, heap = 0, before = 0] = said.slice(1).map(Number);
    return { held, heap, before };
  };
}
