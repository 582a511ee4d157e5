import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startGateway } from './support/process.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('serve', () => {
  test('without a key starts on the embedded sandbox, answers, and ends well on SIGTERM', async () => {
    const gateway = startGateway([], { env: { PORT: '0' } });
    const [, url] = await gateway.printed(/GraphiQL +(\S+)\/graphql\n[\s\S]*Stop it with/);

    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: '{ viewer { account } numbers(first: 1) { totalCount } wallet { balance { amount } } }',
      }),
    });
    expect(await response.json()).toMatchObject({
      data: {
        viewer: { account: 'sandbox' },
        numbers: { totalCount: 60 },
        wallet: { balance: { amount: expect.stringMatching(/^\d+\.\d+$/) } },
      },
    });
    for (const line of ['WebSocket', 'Webhooks', 'Sandbox', 'Account']) expect(gateway.output.stdout).toContain(line);

    gateway.child.kill('SIGTERM');
    expect(await gateway.exited).toBe(0);
    expect(gateway.output.stderr).toBe('');
  });

  test('with a key asks the real DIDfarm only when it must: starting needs no call, and the log says that it is ready', async () => {
    const accountsFile = join(folder, 'accounts.json');
    await writeFile(accountsFile, '[{"name": "main", "apiKey": "df_live_abc"}]', { mode: 0o644 });
    const gateway = startGateway([], {
      env: {
        ACCOUNTS_FILE: accountsFile,
        DIDFARM_BASE_URL: 'http://127.0.0.1:9/api/v1',
        PORT: '0',
        DATABASE_URL: `sqlite:${join(folder, 'gateway.db')}`,
      },
    });
    const [line] = await gateway.printed(/^.*"msg":"Ready".*$/m);
    const { url, accounts } = JSON.parse(line) as { url: string; accounts: string[] };

    expect(accounts).toEqual(['main']);
    await gateway.printed(/"level":"warn".*Access NOT CONFIGURED/m);
    await gateway.printed(/"level":"warn".*Every user of this machine may read the accounts file: chmod 600 it/m);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    gateway.child.kill('SIGINT');
    expect(await gateway.exited).toBe(0);
  });

  test.each([
    ['a bad configuration', { PORT: 'x', LOG_LEVEL: 'loud' }, /PORT is no whole number.*\n.*LOG_LEVEL is none of/],
    ['a database that cannot be opened', { DATABASE_URL: 'sqlite:/dev/null/gateway.db' }, /./],
  ])('says in a few lines what is wrong, without a stack: %s', async (_, env, message) => {
    const gateway = startGateway([], { env: { PORT: '0', ...env } });

    expect(await gateway.exited).toBe(1);
    expect(gateway.output.stderr).toMatch(message);
    expect(gateway.output.stderr).not.toMatch(/^ +at /m);
    expect(gateway.output.stdout).toBe('');
  });

  test('says so where the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const gateway = startGateway([], { env: { PORT: String(port) } });

    expect(await gateway.exited).toBe(1);
    expect(gateway.output.stderr).toBe(
      `Port ${port} of 127.0.0.1 is in use. Stop what uses it, or set another PORT.\n`,
    );
    other.close();
  });
});

describe('sandbox', () => {
  test('runs alone and says how to reach it', async () => {
    const sandbox = startGateway(['sandbox', '--port', '0']);
    const [, api, key] = await sandbox.printed(/sandbox +(\S+)\n +API key +(\S+)\n/);

    const balance = await fetch(`${api}/wallet/balance`, { headers: { authorization: `Bearer ${key}` } });
    expect(await balance.json()).toEqual({ balance: '142.50', currency: 'EUR' });
    sandbox.child.kill('SIGTERM');
    expect(await sandbox.exited).toBe(0);
  });

  test('tells its flags, and refuses others', async () => {
    const help = startGateway(['sandbox', '--help']);
    expect(await help.exited).toBe(0);
    expect(help.output.stdout).toContain('--seed');

    const wrong = startGateway(['sandbox', '--sead', '1']);
    expect(await wrong.exited).toBe(1);
    expect(wrong.output.stderr).toMatch(/^Unknown option '--sead'/);
    expect(wrong.output.stderr).not.toMatch(/^ +at /m);
  });
});

describe('import', () => {
  const env = () => ({ DIDFARM_API_KEY: 'df_live_abc', DATABASE_URL: `sqlite:${join(folder, 'gateway.db')}` });

  test('loads a list, counts what changed, and names each line that was refused', async () => {
    const file = join(folder, 'numbers.csv');
    await writeFile(file, 'e164,country\n+31201234567,NL\nnonsense,NL\n');

    const first = startGateway(['import', file], { env: env() });
    expect(await first.exited).toBe(1);
    expect(first.output.stdout).toBe('1 imported, 0 updated, 0 unchanged, 1 refused.\n');
    expect(first.output.stderr).toMatch(/^line 3: e164 .+\n$/);

    await writeFile(file, 'e164,country\n+31201234567,NL\n');
    const again = startGateway(['import', file], { env: env() });
    expect(await again.exited).toBe(0);
    expect(again.output.stdout).toBe('0 imported, 0 updated, 1 unchanged, 0 refused.\n');
  });

  test.each([
    ['no file', [], /^Usage:/],
    ['a file of another kind', ['numbers.xls'], /^Usage:/],
    ['more than one file', ['a.csv', 'b.csv'], /^Usage:/],
    ['a file that is not there', ['nowhere.csv'], /^The file cannot be read: ENOENT/],
  ])('says what it needs: %s', async (_, args, message) => {
    const gateway = startGateway(['import', ...args], { env: env() });

    expect(await gateway.exited).toBe(1);
    expect(gateway.output.stderr).toMatch(message);
  });

  test.each<[string, string, Buffer, RegExp]>([
    [
      'in UTF-16',
      'a.csv',
      Buffer.from('\uFEFFe164,city\n+31201234567,Köln\n', 'utf16le'),
      /^The file is not in UTF-8\. Save/,
    ],
    [
      'in Latin-1',
      'a.csv',
      Buffer.from('e164,city\n+31201234567,Köln\n', 'latin1'),
      /^The file is not in UTF-8\. Save/,
    ],
    ['of a header alone', 'a.csv', Buffer.from('e164,city\n'), /^There are no numbers in the file\.\n$/],
    ['of an empty list', 'a.json', Buffer.from('[]'), /^There are no numbers in the file\.\n$/],
  ])('refuses a file %s', async (_, name, bytes, message) => {
    const file = join(folder, name);
    await writeFile(file, bytes);
    const gateway = startGateway(['import', file], { env: env() });

    expect(await gateway.exited).toBe(1);
    expect(gateway.output.stderr).toMatch(message);
    expect(gateway.output.stderr).not.toMatch(/^ +at /m);
    expect(gateway.output.stdout).toBe('');
  });

  test('is refused on the embedded sandbox, where nothing would remain', async () => {
    const gateway = startGateway(['import', 'numbers.csv']);

    expect(await gateway.exited).toBe(1);
    expect(gateway.output.stderr).toMatch(/^Without DIDFARM_API_KEY/);
  });
});

test('an unknown command is answered with the usage', async () => {
  const gateway = startGateway(['serv']);

  expect(await gateway.exited).toBe(1);
  expect(gateway.output.stderr).toMatch(/^Usage:/);
});
