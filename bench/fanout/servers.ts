import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { ask, type Child, startChild } from '../children.ts';
import { makeFolder, removeFolder } from '../folder.ts';
import { type Gateway, startGateway as start, type Watched, watch, watching } from '../gateway.ts';
import { trunkChange } from '../webhook.ts';
import { type Delivered, type Listeners, startListeners } from './listening.ts';

/** A server with its subscribers, each in a process of its own. */
export interface Broadcaster {
  readonly child: Child;
  /** So many subscribers more. */
  open(count: number): Promise<void>;
  /** One event to all of them. */
  deliver(): Promise<Delivered>;
  watched(): Promise<Watched>;
  stop(): Promise<void>;
}

const subscription = `subscription {
  trunkStatus { trunk { uuid name status statusSince client { name } } previous at cursor }
}`;

const collecting = ['--expose-gc'];
const trunks = 3;

/** The gateway as it is started for production, with a sandbox in DIDfarm's place here. */
export async function startGateway(): Promise<Broadcaster & { readonly child: Gateway }> {
  const folder = await makeFolder();
  const sandbox = createSandbox({ trunks, numbers: 6, transactions: 10, rateLimit: null });
  await sandbox.listen();
  const child = await start({ folder, sandbox, env: { SUBSCRIPTIONS_PER_VIEWER: '20000' }, flags: collecting });
  // Subscribers begin with the trunks that are known.
  await (await ask(child.url, '{ trunks { nodes { uuid } } }')).arrayBuffer();
  const listeners = startListeners();
  const [trunk] = sandbox.control.world.trunks.all();
  if (trunk === undefined) throw new Error('The sandbox has no trunks');
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
      const webhook = trunkChange(sandbox, trunk, timestamp);
      return listeners.deliver({ url: `${child.url}/webhooks/didfarm`, ...webhook, mark: `"at":"${timestamp}"` });
    },
    watched: child.watched,
    async stop() {
      await stop(child, listeners);
      await sandbox.close();
      await removeFolder(folder);
    },
  };
}

/** `ws` alone. It broadcasts `message`, a text of the gateway's, to each with its own id. */
export async function startBare(message: () => string): Promise<Broadcaster> {
  const child = await startChild([...watching, ...collecting, 'bench/fanout/bare-broadcast.ts'], {
    pinned: true,
    address: /(http:\S+)\n/,
  });
  const listeners = startListeners();
  return {
    child,
    open: (count) =>
      listeners.open({ url: child.url.replace('http', 'ws'), first: [JSON.stringify({ id: '' })], messages: 1, count }),
    deliver: () =>
      listeners.deliver({
        url: child.url,
        headers: {},
        body: message().slice(message().indexOf('"payload":')),
        mark: '"cursor"',
      }),
    watched: watch(child),
    stop: () => stop(child, listeners),
  };
}

async function stop(child: Child, listeners: Listeners): Promise<void> {
  await listeners.stop();
  await child.stop();
}
