import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startGateway } from './support/process.ts';

// What a configuration does not need costs memory and time of every start.

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modules-'));
});
afterEach(() => rm(folder, { recursive: true }));

const parts = ['pg', 'jose', 'csv-parse', 'pino-pretty', '@graphql-yoga/render-graphiql', 'src/sandbox'];

const production = () => ({
  DIDFARM_API_KEY: 'df_live_abc',
  DIDFARM_BASE_URL: 'http://127.0.0.1:9/api/v1',
  DATABASE_URL: `sqlite:${join(folder, 'gateway.db')}`,
});

test('on SQLite and without JWTs nothing is loaded of PostgreSQL, JWTs, imports, GraphiQL, terminals and the sandbox', async () => {
  const loaded = await loadedBy(production());

  expect(parts.filter((part) => loaded(part))).toEqual([]);
  for (const needed of ['src/app.ts', 'src/storage/sqlite.ts', 'kysely', 'graphql-yoga', 'undici'])
    expect(loaded(needed), needed).toBe(true);
});

test('the embedded sandbox brings itself and its list of numbers', async () => {
  const loaded = await loadedBy({});

  expect(parts.filter((part) => loaded(part))).toEqual(['csv-parse', 'src/sandbox']);
});

test('JWTs are verified by what is loaded for them, and GraphiQL is loaded for the browser that opens it', async () => {
  const jwt = {
    JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes',
    JWT_ISSUER: 'https://a.example',
    JWT_AUDIENCE: 'b',
  };
  const loaded = await loadedBy({ ...production(), ...jwt, GRAPHIQL: 'true' }, async (url) => {
    const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('DIDfarm graph');
  });

  expect(parts.filter((part) => loaded(part))).toEqual(['jose', '@graphql-yoga/render-graphiql']);
});

test('the driver of PostgreSQL is loaded where the database is one', async () => {
  const gateway = startTraced({ ...production(), DATABASE_URL: 'postgres://a:b@127.0.0.1:9/c' });
  expect(await gateway.exited).toBe(1);
  const loaded = await readLoaded();

  expect(parts.filter((part) => loaded(part))).toEqual(['pg']);
});

/** Starts a gateway, waits until it is ready, does `work` with it and stops it. */
async function loadedBy(env: Record<string, string>, work: (url: string) => Promise<void> = async () => undefined) {
  const gateway = startTraced(env);
  const [, url = ''] = await gateway.printed(/"url":"(http:[^"]+)"|(?:GraphiQL|GraphQL) +(\S+)\/graphql\n/);
  await work(url);
  gateway.child.kill('SIGTERM');
  expect(await gateway.exited).toBe(0);
  return readLoaded();
}

function startTraced(env: Record<string, string>) {
  const trace = new URL('./support/trace-modules.ts', import.meta.url).href;
  return startGateway([], {
    env: { PORT: '0', NODE_OPTIONS: `--import=${trace}`, MODULES_FILE: join(folder, 'modules'), ...env },
  });
}

/** Whether a package, a folder or a file of the project is among what was loaded. */
async function readLoaded(): Promise<(part: string) => boolean> {
  const urls = (await readFile(join(folder, 'modules'), 'utf8')).split('\n');
  return (part) => {
    const place = part.startsWith('src/') ? `/${part}` : `/node_modules/${part}/`;
    return urls.some((url) => url.includes(place));
  };
}
