import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startGateway } from '../support/process.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'accounts-'));
  await writeFile(join(folder, 'numbers.csv'), 'e164,country\n+31201234567,NL\n');
  const accounts = ['amsterdam', 'berlin'].map((name) => ({ name, apiKey: `df_live_${name}` }));
  await writeFile(join(folder, 'accounts.json'), JSON.stringify(accounts));
});
afterEach(() => rm(folder, { recursive: true }));

const several = () => ({
  ACCOUNTS_FILE: join(folder, 'accounts.json'),
  JWT_SECRET: 'a secret of thirty-two bytes or more',
  JWT_ISSUER: 'https://login.example.com',
  JWT_AUDIENCE: 'didfarm-graph',
});
const one = () => ({ DIDFARM_API_KEY: 'df_live_abc' });

async function runImport(args: readonly string[], given: Readonly<Record<string, string>>) {
  const env = { ...given, DATABASE_URL: `sqlite:${join(folder, 'gateway.db')}` };
  const command = startGateway(['import', join(folder, 'numbers.csv'), ...args], { env });
  return { code: await command.exited, said: command.output.stdout + command.output.stderr };
}

test('an account’s numbers are imported into that account, and into each by itself', async () => {
  const first = { code: 0, said: '1 imported, 0 updated, 0 unchanged, 0 refused.\n' };
  expect(await runImport(['--account', 'berlin'], several())).toEqual(first);
  expect(await runImport(['--account', 'amsterdam'], several())).toEqual(first);
  expect(await runImport(['--account', 'berlin'], several())).toEqual({
    code: 0,
    said: '0 imported, 0 updated, 1 unchanged, 0 refused.\n',
  });
});

test.each([
  ['of several accounts none is named', [], several, 'Which account? Say --account with one of amsterdam, berlin.\n'],
  [
    'one is named that is none',
    ['--account', 'x'],
    several,
    'Which account? Say --account with one of amsterdam, berlin.\n',
  ],
  ['the only account is another', ['--account', 'x'], one, 'Which account? Say --account with one of main.\n'],
])('it is asked which account is meant where %s', async (_, args, given, said) => {
  expect(await runImport(args, given())).toEqual({ code: 1, said });
});

test.each([[['--account']], [['--acount', 'berlin']], [['berlin']]])(
  'what means nothing is answered with the usage: %j',
  async (args) => {
    const { code, said } = await runImport(args, several());
    expect([code, said.split('\n')[0]]).toEqual([1, 'Usage:']);
  },
);
