import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Sandbox } from '../src/sandbox/sandbox.ts';
import { type Child, startChild } from './children.ts';

/** Each is a program of `bench/peers`, where its settings are. */
const programs = { Mercurius: 'mercurius', Apollo: 'apollo', Yoga: 'yoga' };

export type Peers = ReadonlyMap<string, Child>;

const folder = 'bench/peers';
/** How long their installation may take, in milliseconds. */
const patience = 300_000;

/**
 * Servers that others would build the same with, in front of the same DIDfarm. They have a package of their own, which is installed
 * here where it is not yet; where that fails there are none, and the others are measured without them.
 */
export async function startPeers(sandbox: Sandbox, say: (line: string) => void): Promise<Peers> {
  if (!(await installed(say))) return new Map();
  const settings = JSON.stringify({
    apiUrl: sandbox.apiUrl,
    apiKey: sandbox.apiKey,
    // DIDfarm lists no owned numbers, so they are given them for nothing.
    numbers: [...sandbox.control.world.numbers.all()].map(({ id, e164, orderId, trunkId }) => ({
      id,
      e164,
      orderId,
      trunkId,
    })),
  });
  const started = await Promise.all(
    Object.entries(programs).map(async ([name, program]) => {
      const args = [`${folder}/${program}.js`, settings];
      const options = { env: { NODE_ENV: 'production' }, pinned: true, address: /(http:\S+)\n/ };
      return [name, await startChild(args, options)] as const;
    }),
  );
  return new Map(started);
}

async function installed(say: (line: string) => void): Promise<boolean> {
  if (isCurrent()) return true;
  say('installing the peers');
  const args = ['ci', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const npm = spawn('npm', args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: patience });
  const [code] = (await once(npm, 'exit')) as [number | null];
  if (code !== 0) say('the peers could not be installed: their figures are left out');
  return code === 0;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly integrity?: string; readonly optional?: boolean }>>;
}

/** npm writes down last what it has installed. Times say nothing: a checkout is newer, and what is linked here would be replaced. */
function isCurrent(): boolean {
  try {
    const read = (path: string) => (JSON.parse(readFileSync(`${folder}/${path}`, 'utf8')) as Lock).packages;
    const [wanted, found] = [read('package-lock.json'), read('node_modules/.package-lock.json')];
    return Object.entries(wanted).every(
      ([path, { integrity, optional }]) => path === '' || optional || found[path]?.integrity === integrity,
    );
  } catch {
    return false;
  }
}
