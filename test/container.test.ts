import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execForm } from './support/dockerfile.ts';
import { type Image, install, replayImage, stages } from './support/image.ts';
import { startProcess } from './support/process.ts';

// No container engine is needed: the Dockerfile's own steps are replayed in a clean folder.

/** Whom `USER node` stands for here: another user where this one may change to one. */
const isRoot = process.getuid?.() === 0;
const user = isRoot ? { uid: 65534, gid: 65534 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

let root = '';
let image: Image;
const instruction = (name: string) => image.instructions.find((step) => step.name === name)?.text ?? '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'container-'));
  image = await replayImage(root, user);
});

afterAll(() => rm(root, { recursive: true, force: true }));

test('the image holds what is built of the sources, compiled, and nothing else', async () => {
  expect((await readdir(image.folder)).sort()).toEqual(['compiled', 'data', 'dist', 'package.json']);
  const [compiled = ''] = await readdir(join(image.folder, 'compiled'));
  expect(await readdir(join(image.folder, 'compiled', compiled))).not.toEqual([]);
});

test('what the image is built with are the packages that the lock file names, which are linked here', async () => {
  const steps = stages[0]?.instructions.map(({ name, text }) => `${name} ${text}`) ?? [];
  expect(steps.indexOf(`RUN ${install}`)).toBe(steps.indexOf('COPY package.json package-lock.json ./') + 1);
  const packagesIn = async (path: string) => JSON.parse(await readFile(path, 'utf8')).packages as Packages;
  const named = await packagesIn('package-lock.json');
  const installed = Object.entries(await packagesIn('node_modules/.package-lock.json'));

  expect(installed.length).toBeGreaterThan(100);
  for (const [path, { integrity }] of installed) expect([path, integrity]).toEqual([path, named[path]?.integrity]);
});

test('the build context is only what the image is made of', async () => {
  const ignore = (await readFile('.dockerignore', 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const copied = stages
    .flatMap((stage) => stage.instructions)
    .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from'))
    .flatMap(({ text }) => text.split(/\s+/).slice(0, -1));

  expect(ignore[0]).toBe('*');
  expect(ignore.slice(1).sort()).toEqual([...new Set(copied.map((path) => `!${path}`))].sort());
});

test('the image runs as an unprivileged user whose only place to write is the volume', async () => {
  expect(image.instructions.findLast((step) => step.name === 'USER')?.text).toBe('node');
  expect(execForm(instruction('VOLUME'))).toEqual(['/app/data']);
  expect((await stat(join(image.folder, 'data'))).uid).toBe(user.uid);
  if (!isRoot) return;
  for (const place of ['.', 'dist', 'compiled']) expect((await stat(join(image.folder, place))).uid, place).toBe(0);
});

test('the container refuses to start before there is a token: nothing would guard it', async () => {
  const container = runInContainer(image.command, { PORT: '0' });

  expect(await container.exited).toBe(1);
  expect(container.output.stderr).toMatch(
    /The access file \S+\/app\/data\/access\.json cannot be used:\n {2}it is not there/,
  );
});

test('the container starts, lets in who holds a token made in it, becomes healthy, keeps its data, and stops well on SIGTERM', async () => {
  const command = ['node', 'dist/main.js', 'token', 'create', '--name', 'noc', '--role', 'OPERATOR'] as const;
  const making = runInContainer(command);
  expect(await making.exited).toBe(0);
  const token = making.output.stdout.trim();
  const port = await freePort();
  const settings = {
    PORT: String(port),
    PUBLIC_URL: 'https://graph.example.com',
    DIDFARM_API_KEY: 'df_live_abc',
    DIDFARM_BASE_URL: 'http://127.0.0.1:9/api/v1',
  };
  const healthcheck = () => runInContainer(execForm(instruction('HEALTHCHECK')), settings).exited;

  const container = runInContainer(image.command, settings);
  await container.printed(/"msg":"Ready"/);
  expect(container.output.stdout).toContain(`"url":"http://0.0.0.0:${port}"`);
  expect(await healthcheck()).toBe(0);
  expect(await readdir(join(image.folder, 'data'))).toContain('gateway.db');
  const ask = async (headers: Record<string, string>) => {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"query":"{ viewer { role } }"}',
    };
    const answer = await fetch(`http://127.0.0.1:${port}/graphql`, init);
    return answer.json();
  };
  expect(await ask({})).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  expect(await ask({ authorization: `Bearer ${token}` })).toMatchObject({ data: { viewer: { role: 'OPERATOR' } } });

  container.child.kill('SIGTERM');
  expect(await container.exited).toBe(0);
  expect(container.output.stderr).toBe('');
  expect(await healthcheck()).toBe(1);
});

test('a container without any access is refused, since other machines could reach it', async () => {
  const container = runInContainer(image.command, { ACCESS_FILE: '' });

  expect(await container.exited).toBe(1);
  expect(container.output.stderr).toContain('HOST is reachable from other machines');
});

type Packages = Readonly<Record<string, { readonly integrity?: string }>>;

/** As the image's user in its folder, with the image's environment and what `docker run -e` adds. */
function runInContainer([program, ...args]: readonly [string, ...string[]], settings: Record<string, string> = {}) {
  const env = { ...image.environment, ...settings };
  return startProcess(join(root, 'bin', program), args, { cwd: image.folder, env, ...user });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return typeof address === 'object' && address ? address.port : 0;
}
