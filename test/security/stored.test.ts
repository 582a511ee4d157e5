import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runTokenCommand } from '../../src/access/token-command.ts';
import { audience, issuer, signWithSecret } from '../access/support/issuer.ts';
import { startInstallation } from '../support/installation.ts';

const otherKey = 'df_live_of_a_caller';

test('after every way in and every secret was used, none is in the database or the log', async () => {
  const secrets: Record<string, string> = {
    'webhook secret': 'whsec_of_this_test',
    'JWT secret': 'a-secret-of-thirty-two-bytes-or-more',
    'key of a caller': otherKey,
  };
  await using installation = await startInstallation({
    sandbox: { apiKey: 'df_live_of_the_gateway', accounts: [{ apiKey: otherKey, seed: 9, trunks: 3 }] },
    async variables(folder) {
      const file = join(folder, 'access.json');
      const print = (line: string) => {
        secrets['token'] = line;
      };
      await runTokenCommand(['create', '--name', 'ops', '--role', 'ADMIN'], { file, print, remark: () => undefined });
      return {
        ACCESS_FILE: file,
        JWT_SECRET: secrets['JWT secret'] ?? '',
        JWT_ISSUER: issuer,
        JWT_AUDIENCE: audience,
        CALLER_CREDENTIALS: 'key',
        DIDFARM_WEBHOOK_SECRET: secrets['webhook secret'] ?? '',
      };
    },
  });
  const { clock, sandbox, folder } = installation;
  secrets['key of the account'] = sandbox.apiKey;
  const jwt = await signWithSecret(secrets['JWT secret'] ?? '', clock.now(), { role: 'READER' });
  secrets['JWT'] = jwt;
  secrets['signature of a JWT'] = jwt.split('.')[2] ?? '';

  expect(await installation.deliver(secrets['webhook secret'] ?? '', 'billing.note', { words: 'as delivered' })).toBe(
    200,
  );
  expect(await installation.deliver('wrong secret', 'billing.note', {})).toBe(401);
  for (const bearer of [secrets['token'], jwt, otherKey]) {
    expect(await installation.ask('{ trunks { totalCount } }', bearer)).toMatchObject({ status: 200, data: {} });
    expect(await installation.ask('{ trunks { ', bearer)).toMatchObject({ status: 400 });
  }
  expect(await installation.ask('{ trunks { totalCount } }', `${jwt}x`)).toMatchObject({ status: 401 });
  const made = await installation.read<{ createTrunk: { credentials: { password: string } } }>(
    'mutation { createTrunk(input: { name: "Kept in the clear" }) { ... on CreateTrunkPayload { credentials { password } } } }',
    secrets['token'],
  );
  secrets['password of a trunk'] = made.createTrunk.credentials.password;
  await installation.stop();

  const stored = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'latin1')));
  const kept = [...stored, ...installation.log].join('\n');
  for (const marker of ['as delivered', 'Kept in the clear', 'Webhook refused']) expect(kept).toContain(marker);
  expect(Object.entries(secrets).filter(([, secret]) => secret === '' || kept.includes(secret))).toEqual([]);
  expect(Object.keys(secrets)).toHaveLength(8);
});
