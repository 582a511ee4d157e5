import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAccountsFile } from '../src/accounts-file.ts';
import { ConfigError, readConfig } from '../src/config.ts';

function faultsOf(env: Record<string, string>): readonly { variable: string; problem: string; example: string }[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('an empty environment', () => {
  test('is the embedded sandbox on this machine, kept in memory, with everything shown', () => {
    expect(readConfig({})).toEqual({
      account: 'sandbox',
      upstream: null,
      webhookSecrets: [],
      accounts: [],
      access: { file: null, jwt: null, callerCredentials: 'off', origins: [] },
      persisted: null,
      host: '127.0.0.1',
      port: 4000,
      publicUrl: 'http://127.0.0.1:4000',
      databaseUrl: 'sqlite::memory:',
      graphiql: true,
      introspection: true,
      logLevel: 'info',
      idempotencyKeyDays: 30,
      eventLogDays: 30,
      eventLogCount: 1_000_000,
      subscriptions: { perViewer: 1_000, inAll: 20_000 },
      answersMegabytes: 32,
    });
  });

  test('is the same as one of empty variables', () => {
    expect(readConfig({ DIDFARM_API_KEY: '', PORT: ' ', ACCESS_FILE: '' })).toEqual(readConfig({}));
  });
});

describe('a key', () => {
  test('means the real DIDfarm, kept in a file', () => {
    const config = readConfig({ DIDFARM_API_KEY: 'df_live_abc' });

    expect(config.account).toBe('main');
    expect(config.databaseUrl).toBe('sqlite:./data/gateway.db');
    expect(config.upstream).toEqual({
      apiKey: 'df_live_abc',
      baseUrl: 'https://didfarm.com/api/v1',
      regulatoryUrl: 'https://didfarm.com/api/regulatory/submit',
      rateLimit: 60,
    });
  });

  test('goes with every other setting', () => {
    const config = readConfig({
      DIDFARM_API_KEY: 'df_live_abc',
      DIDFARM_BASE_URL: 'http://127.0.0.1:4010/api/v1/',
      DIDFARM_RATE_LIMIT: '600',
      DIDFARM_WEBHOOK_SECRET: 'new, old',
      HOST: '::1',
      PORT: '0',
      PUBLIC_URL: 'https://graph.example.com/',
      DATABASE_URL: 'postgres://gateway:pw@db/gateway',
      GRAPHIQL: 'off',
      INTROSPECTION: 'false',
      LOG_LEVEL: 'debug',
      IDEMPOTENCY_KEY_DAYS: '90',
      EVENT_LOG_DAYS: '365',
      EVENT_LOG_COUNT: '100000000',
      SUBSCRIPTIONS_PER_VIEWER: '50',
      SUBSCRIPTIONS_IN_ALL: '500',
      ANSWERS_MB: '0',
    });

    expect(config).toEqual({
      account: 'main',
      upstream: {
        apiKey: 'df_live_abc',
        baseUrl: 'http://127.0.0.1:4010/api/v1',
        regulatoryUrl: 'http://127.0.0.1:4010/api/regulatory/submit',
        rateLimit: 600,
      },
      webhookSecrets: ['new', 'old'],
      accounts: [],
      access: { file: null, jwt: null, callerCredentials: 'off', origins: [] },
      persisted: null,
      host: '::1',
      port: 0,
      publicUrl: 'https://graph.example.com',
      databaseUrl: 'postgres://gateway:pw@db/gateway',
      graphiql: false,
      introspection: false,
      logLevel: 'debug',
      idempotencyKeyDays: 90,
      eventLogDays: 365,
      eventLogCount: 100_000_000,
      subscriptions: { perViewer: 50, inAll: 500 },
      answersMegabytes: 0,
    });
  });

  test('may be read but never changed', () => {
    const config = readConfig({ DIDFARM_API_KEY: 'df_live_abc', DIDFARM_WEBHOOK_SECRET: 'a' });

    for (const part of [config, config.upstream, config.webhookSecrets]) expect(Object.isFrozen(part)).toBe(true);
  });

  test('an IPv6 host is written in brackets in the address', () => {
    expect(readConfig({ HOST: '::1' }).publicUrl).toBe('http://[::1]:4000');
  });
});

describe('faults', () => {
  test('are all reported at once, each with its variable, the problem and an example', () => {
    const faults = faultsOf({
      DIDFARM_API_KEY: 'two words',
      DIDFARM_BASE_URL: 'didfarm.com',
      DIDFARM_RATE_LIMIT: '0',
      DIDFARM_WEBHOOK_SECRET: 'a,,b',
      HOST: '0.0.0.0',
      PORT: '65536',
      PUBLIC_URL: 'ftp://x',
      DATABASE_URL: 'mysql://x',
      GRAPHIQL: 'maybe',
      INTROSPECTION: 'maybe',
      LOG_LEVEL: 'loud',
      ANSWERS_MB: '-1',
    });

    expect(faults.map((fault) => fault.variable).sort()).toEqual([
      'ANSWERS_MB',
      'DATABASE_URL',
      'DIDFARM_API_KEY',
      'DIDFARM_BASE_URL',
      'DIDFARM_RATE_LIMIT',
      'DIDFARM_WEBHOOK_SECRET',
      'GRAPHIQL',
      'HOST',
      'INTROSPECTION',
      'LOG_LEVEL',
      'PORT',
      'PUBLIC_URL',
    ]);
    for (const fault of faults) {
      expect(fault.problem).toMatch(/^(is|has|holds) /);
      expect(fault.example).toContain(fault.variable);
    }
  });

  test('never repeat the value, which may be a secret', () => {
    try {
      readConfig({ DIDFARM_API_KEY: 'df_live_hidden key', JWT_SECRET: 'hidden', DATABASE_URL: 'pg://u:hidden@h' });
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toContain('hidden');
      expect(String(error)).toContain('DATABASE_URL is neither sqlite:PATH nor postgres://…');
    }
  });

  test.each(['0.0.0.0', '::', '192.168.1.7', 'gateway.example.com', '127.example.com'])(
    'an address that other machines reach is refused while nothing guards it: %s',
    (host) => {
      expect(faultsOf({ HOST: host })).toEqual([
        expect.objectContaining({ variable: 'HOST', problem: expect.stringContaining('no access is configured') }),
      ]);
    },
  );

  test.each(['127.0.0.1', '127.0.0.53', '::1', 'localhost'])('this machine’s own address is taken: %s', (host) => {
    expect(readConfig({ HOST: host }).host).toBe(host);
  });

  test.each(['DIDFARM_BASE_URL', 'DIDFARM_REGULATORY_URL', 'DIDFARM_RATE_LIMIT'])(
    'a setting of the real DIDfarm without a key is refused: %s',
    (variable) => {
      const value = variable === 'DIDFARM_RATE_LIMIT' ? '60' : 'https://didfarm.com/api/v1';

      expect(faultsOf({ [variable]: value })).toEqual([
        expect.objectContaining({ variable, problem: expect.stringContaining('DIDFARM_API_KEY') }),
      ]);
    },
  );

  test.each([
    'https://user:pw@didfarm.com/api',
    'https://didfarm.com/api?x=1',
    'https://didfarm.com/#a',
    'file:///etc',
  ])('a base address must be plain: %s', (address) => {
    expect(faultsOf({ DIDFARM_API_KEY: 'k', DIDFARM_BASE_URL: address })).toHaveLength(1);
  });
});

describe('who may call', () => {
  /** But for what waits for its wiring. */
  const supportedFaultsOf = (env: Record<string, string>) =>
    faultsOf(env).flatMap(({ variable, problem, example }) => {
      expect(example).toContain(variable);
      return problem === 'is not supported by this version' ? [] : `${variable} ${problem}`;
    });
  const secret = 'a secret of thirty-two bytes or more';
  const jwt = { JWT_SECRET: secret, JWT_ISSUER: 'https://login.example.com', JWT_AUDIENCE: 'graph' };

  test.each<[string, Record<string, string>]>([
    ['a file', { ACCESS_FILE: './access.json' }],
    ['JWTs', jwt],
    ['callers’ own keys', { CALLER_CREDENTIALS: 'key', DIDFARM_API_KEY: 'df_live_x' }],
  ])('being told lets a gateway be reached from other machines: %s', (_, env) => {
    expect(supportedFaultsOf({ ...env, HOST: '0.0.0.0' })).toEqual([]);
  });

  test.each<[string, Record<string, string>, string[]]>([
    [
      'a short secret',
      { ...jwt, JWT_SECRET: 'short' },
      ['JWT_SECRET has a secret of less than 32 bytes (more than one are parted by commas)'],
    ],
    [
      'one short secret of two',
      { ...jwt, JWT_SECRET: `${secret},x` },
      ['JWT_SECRET has a secret of less than 32 bytes (more than one are parted by commas)'],
    ],
    [
      'JWTs of anybody for anybody',
      { JWT_SECRET: secret },
      [
        'JWT_ISSUER is missing: with it unchecked, JWTs for others would be taken',
        'JWT_AUDIENCE is missing: with it unchecked, JWTs for others would be taken',
      ],
    ],
    [
      'an issuer without keys',
      { JWT_ISSUER: 'x', JWT_AUDIENCE: 'y' },
      [
        'JWT_ISSUER has no effect without JWT_JWKS_URL or JWT_SECRET',
        'JWT_AUDIENCE has no effect without JWT_JWKS_URL or JWT_SECRET',
      ],
    ],
    [
      'two kinds of keys',
      { ...jwt, JWT_JWKS_URL: 'https://login.example.com/jwks' },
      ['JWT_SECRET is set beside JWT_JWKS_URL: JWTs are verified by one of them'],
    ],
    ['an unknown way', { CALLER_CREDENTIALS: 'both' }, ['CALLER_CREDENTIALS is none of off, key, cookie']],
    [
      'cookies of every page',
      { CALLER_CREDENTIALS: 'cookie', DIDFARM_API_KEY: 'df_live_x' },
      ['CORS_ORIGINS is missing: cookies are taken only from the pages it names'],
    ],
    [
      'callers’ keys for the embedded sandbox',
      { CALLER_CREDENTIALS: 'key', DIDFARM_BASE_URL: 'https://didfarm.example/api/v1' },
      [
        'DIDFARM_API_KEY is missing: with CALLER_CREDENTIALS, callers would send their own keys or logins to the embedded sandbox. The gateway needs a DIDfarm account of its own beside theirs',
        'DIDFARM_BASE_URL has no effect without DIDFARM_API_KEY: the embedded sandbox would be used',
      ],
    ],
    [
      'nothing that may run',
      { PERSISTED_ONLY: 'true' },
      ['PERSISTED_OPERATIONS is missing: with PERSISTED_ONLY nothing at all would run'],
    ],
  ])('is refused where it does not go together: %s', (_, env, faults) => {
    expect(supportedFaultsOf(env)).toEqual(faults);
  });

  test.each([
    'http://login.example.com/jwks',
    'http://10.0.0.1.evil.example/jwks',
    'https://user:pw@login.example.com/jwks',
    'file:///etc/jwks.json',
    'jwks',
  ])('does not hang on keys that others can exchange on their way: %s', (address) => {
    expect(supportedFaultsOf({ JWT_JWKS_URL: address, JWT_ISSUER: 'x', JWT_AUDIENCE: 'y' })).toEqual([
      expect.stringContaining('JWT_JWKS_URL is no https address'),
    ]);
  });

  test.each([
    'https://login.example.com/jwks?v=1',
    'http://localhost:8080/jwks',
    'http://127.0.0.1/jwks',
    'http://keycloak:8080/jwks',
    'http://keycloak.auth.svc/jwks',
  ])('may hang on keys of TLS or of one’s own network: %s', (address) => {
    expect(supportedFaultsOf({ JWT_JWKS_URL: address, JWT_ISSUER: 'x', JWT_AUDIENCE: 'y' })).toEqual([]);
  });

  test.each([
    '*',
    'null',
    'portal.example.com',
    'https://portal.example.com/',
    'https://portal.example.com/a',
    'https://*.example.com',
    'https://a.example,',
    'HTTPS://A.example',
  ])('is no list of pages: %s', (origins) => {
    expect(supportedFaultsOf({ CORS_ORIGINS: origins })).toEqual([
      'CORS_ORIGINS has something else than origins between its commas',
    ]);
  });
});

describe('several accounts', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'accounts-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const berlin = { name: 'berlin', apiKey: 'df_live_berlin', webhookSecrets: ['a', 'b'], rateLimit: 600 };
  const fileOf = async (content: unknown) => {
    const path = join(folder, 'accounts.json');
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const problemsOf = (env: Record<string, string>) =>
    faultsOf(env).flatMap(({ variable, problem }) =>
      problem === 'is not supported by this version' ? [] : `${variable} ${problem}`,
    );

  test('are read from a file, each with its own', async () => {
    const path = await fileOf([berlin, { name: 'paris', apiKey: 'df_live_paris' }]);

    expect(readAccountsFile(path).entries).toEqual([
      berlin,
      { name: 'paris', apiKey: 'df_live_paris', webhookSecrets: [], rateLimit: 60 },
    ]);
    expect(
      problemsOf({ ACCOUNTS_FILE: path, ACCESS_FILE: 'x', DIDFARM_BASE_URL: 'https://didfarm.com/api/v1' }),
    ).toEqual([]);
  });

  test('are refused with everything that is wrong, and without a word of a secret', async () => {
    const entries = [
      { ...berlin, name: 'a/b', apiKey: 'hidden key', webhookSecrets: [''], rateLimit: 0 },
      { name: 'caller-x', apikey: 'hidden' },
      berlin,
      { ...berlin, name: 'BERLIN', rateLimit: 1.5 },
    ];
    const problems = problemsOf({ ACCOUNTS_FILE: await fileOf(entries) });

    expect(problems).toEqual(
      [
        'entry 1, name: is no account name: 1 to 64 letters, digits, - or _',
        'entry 1, apiKey: holds spaces or characters that no HTTP header can carry',
        'entry 1, webhookSecrets.0: is empty',
        'entry 1, rateLimit: is no whole number from 1 to 100000',
        'entry 2, name: begins with caller-, as those that the gateway makes',
        'entry 2, apiKey: is missing',
        'entry 2: has fields that mean nothing here: "apikey"',
        'entry 4, rateLimit: is no whole number from 1 to 100000',
        'entry 4, name: is that of entry 3 already',
        'entry 4, apiKey: is that of entry 3 already',
      ].map((fault) => `ACCOUNTS_FILE has a fault: ${fault}`),
    );
    expect(problems.join()).not.toContain('hidden');
  });

  test.each<[string, unknown, string]>([
    ['empty', '', 'it is empty: a list without entries is []'],
    ['without accounts', [], 'it names no account'],
    ['broken', '[', 'it is no JSON'],
  ])('are refused in a file that is %s', async (_, content, fault) => {
    expect(problemsOf({ ACCOUNTS_FILE: await fileOf(content) })).toEqual([`ACCOUNTS_FILE has a fault: ${fault}`]);
  });

  test('are refused where there is no file', () => {
    for (const path of [folder, join(folder, 'nowhere')])
      expect(problemsOf({ ACCOUNTS_FILE: path })).toEqual([
        'ACCOUNTS_FILE has a fault: it is no file that can be read',
      ]);
  });

  test('are refused beside a single one, and without anything that tells whose a caller is', async () => {
    const path = await fileOf([berlin, { name: 'paris', apiKey: 'df_live_paris' }]);

    expect(problemsOf({ ACCOUNTS_FILE: path, DIDFARM_API_KEY: 'df_live_x', DIDFARM_WEBHOOK_SECRET: 'x' })).toEqual([
      'ACCOUNTS_FILE has several accounts, and no access is configured that tells which one a caller belongs to',
      'DIDFARM_API_KEY is set beside ACCOUNTS_FILE, which says it of each account',
      'DIDFARM_WEBHOOK_SECRET is set beside ACCOUNTS_FILE, which says it of each account',
    ]);
  });
});
