import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bannerOf } from '../src/banner.ts';
import { readConfig } from '../src/config.ts';

/** What the banner says under a name, such as `Access`. */
function told(name: string, variables: Record<string, string>): string | undefined {
  const config = readConfig({ DIDFARM_API_KEY: variables['ACCOUNTS_FILE'] ? '' : 'df_live_abc', ...variables });
  const banner = bannerOf({ config, url: config.publicUrl, seconds: 1, sandbox: null });
  return new RegExp(`^  ${name} +(.*)$`, 'm').exec(banner)?.[1];
}

const jwt = {
  JWT_SECRET: 'a-secret-of-thirty-two-bytes-or-more',
  JWT_ISSUER: 'https://login.example.com',
  JWT_AUDIENCE: 'didfarm-graph',
};

test('warns where no access is configured', () => {
  expect(told('Access', {})).toBe(
    'NOT CONFIGURED: whoever is at this machine may do everything, and nobody else anything',
  );
  expect(told('GraphiQL', {})).toBe('http://127.0.0.1:4000/graphql');
});

test('names every way in that is configured, and no secret', () => {
  const variables = {
    ACCESS_FILE: '/etc/didfarm/access.json',
    CALLER_CREDENTIALS: 'key',
    DIDFARM_API_KEY: 'df_live_x',
    ...jwt,
  };

  expect(told('Access', variables)).toBe(
    "the tokens of /etc/didfarm/access.json, JWTs of https://login.example.com, callers' own DIDfarm key",
  );
  expect(told('GraphiQL', variables)).toBeUndefined();
  expect(told('GraphQL', variables)).toBe('http://127.0.0.1:4000/graphql');
});

test('says by which host other machines reach it, where that was left open', () => {
  const open = { HOST: '0.0.0.0', ...jwt };

  expect(told('PUBLIC_URL', open)).toMatch(/^not set: .*421/);
  expect(told('PUBLIC_URL', { ...open, HOST: '::' })).toMatch(/^not set/);
  expect(told('PUBLIC_URL', { ...open, PUBLIC_URL: 'https://graph.example.com' })).toBeUndefined();
  expect(told('PUBLIC_URL', {})).toBeUndefined();
});

test('names several accounts, each with a webhook address of its own, and none of their keys', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'banner-'));
  const ACCOUNTS_FILE = join(folder, 'accounts.json');
  await writeFile(
    ACCOUNTS_FILE,
    JSON.stringify(['berlin', 'paris'].map((name) => ({ name, apiKey: `df_live_${name}` }))),
  );

  expect(told('Account', { ACCOUNTS_FILE, ...jwt })).toBe('berlin, paris');
  expect(told('Webhooks', { ACCOUNTS_FILE, ...jwt })).toBe(
    'http://127.0.0.1:4000/webhooks/didfarm/NAME, for each account',
  );
  await rm(folder, { recursive: true });
});
