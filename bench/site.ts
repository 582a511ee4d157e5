import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSandbox, type Sandbox } from '../src/sandbox/sandbox.ts';
import { ask, type Child, canPin, dataOf, startBareServer } from './children.ts';
import { dashboard } from './documents.ts';
import { inFolder } from './folder.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { askingOf, type Questions } from './load/asking.ts';
import { type Peers, startPeers } from './peers.ts';
import { neverAgain, nothingInCommon, sameAgain } from './questions.ts';

/** Servers that answer the same dashboard out of the same DIDfarm, each in a process of its own on the servers' core. */
export interface Site {
  readonly sandbox: Sandbox;
  readonly gateway: Gateway;
  /** A server on node:http alone that returns the gateway's own bytes. */
  readonly bare: Child;
  /** By name; empty where they are not wanted, or cannot be installed. */
  readonly peers: Peers;
}

export const account = { trunks: 20, numbers: 60, transactions: 600, rateLimit: null };

/** By so much the size of peers' answers may differ from the gateway's. */
const tolerance = 0.05;

/** Everything is local, and every server was seen to answer the same, before the work begins. */
export function onSite<T>(say: (line: string) => void, work: (site: Site) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const sandbox = createSandbox(account);
    await sandbox.listen();
    const children: Child[] = [];
    try {
      const gateway = await startGateway({ folder, sandbox });
      children.push(gateway);
      await whenLocal(gateway);
      const bytes = Buffer.from(await (await ask(gateway.url, dashboard)).arrayBuffer());
      const bare = await startBare(folder, bytes);
      children.push(bare);
      const peers = await startPeers(sandbox, say);
      children.push(...peers.values());
      await checkSame(gateway, peers, sandbox);
      say(`${bytes.length} bytes an answer; servers ${canPin ? '' : 'not '}kept on one core`);
      return await work({ sandbox, gateway, bare, peers });
    } finally {
      for (const child of children) await child.stop();
      await sandbox.close();
    }
  });
}

async function startBare(folder: string, bytes: Buffer): Promise<Child> {
  const file = join(folder, 'answer.json');
  await writeFile(file, bytes);
  return startBareServer(file);
}

/** Waits until the whole history is there. */
export async function whenLocal({ url }: Child): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    await dataOf(await ask(url, dashboard));
    const { gateway } = (await dataOf(await ask(url, '{ gateway { sync { resource complete } } }'))) as {
      gateway: { sync: readonly { resource: string; complete: boolean }[] };
    };
    if (gateway.sync.some(({ resource, complete }) => resource === 'transactions' && complete)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('The history did not arrive within ten seconds.');
}

/** A server that answers less is no peer: the same fields, as many of each, and as many bytes give or take a few. */
async function checkSame(gateway: Child, peers: Peers, sandbox: Sandbox): Promise<void> {
  for (const questions of [sameAgain, neverAgain, nothingInCommon]) {
    const wanted = await shapeOf(questions(gateway, sandbox));
    for (const [name, peer] of peers) {
      const found = await shapeOf(questions(peer, sandbox));
      const isSame = found.shape === wanted.shape && Math.abs(found.bytes / wanted.bytes - 1) < tolerance;
      if (!isSame) throw new Error(`${name} answers otherwise than the gateway: ${JSON.stringify({ wanted, found })}`);
    }
  }
}

/** The data with types in the place of values: peers spell times and group clients in the simplest way. */
async function shapeOf(questions: Questions): Promise<{ readonly shape: string; readonly bytes: number }> {
  const { url, next } = askingOf(questions);
  const [, body = ''] = next().toString().split('\r\n\r\n');
  const { query, variables } = JSON.parse(body) as { query: string; variables: object };
  const data = await dataOf(await ask(url, query, variables));
  const toType = (_key: string, value: unknown) => (value === null || typeof value === 'object' ? value : typeof value);
  return { shape: JSON.stringify(data, toType), bytes: JSON.stringify(data).length };
}
