import { describe, expect, test } from 'vitest';
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
      JWT_SECRET: 'x',
    });

    expect(faults.map((fault) => fault.variable).sort()).toEqual([
      'DATABASE_URL',
      'DIDFARM_API_KEY',
      'DIDFARM_BASE_URL',
      'DIDFARM_RATE_LIMIT',
      'DIDFARM_WEBHOOK_SECRET',
      'GRAPHIQL',
      'HOST',
      'INTROSPECTION',
      'JWT_SECRET',
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
        expect.objectContaining({ variable: 'HOST', problem: expect.stringContaining('access control') }),
      ]);
    },
  );

  test.each(['127.0.0.1', '127.0.0.53', '::1', 'localhost'])('this machine’s own address is taken: %s', (host) => {
    expect(readConfig({ HOST: host }).host).toBe(host);
  });

  test.each([
    'ACCESS_FILE',
    'JWT_JWKS_URL',
    'JWT_SECRET',
    'JWT_ISSUER',
    'JWT_AUDIENCE',
    'CALLER_CREDENTIALS',
    'ACCOUNTS_FILE',
    'CORS_ORIGINS',
    'PERSISTED_OPERATIONS',
    'PERSISTED_ONLY',
  ])('a setting of a later version is not silently accepted: %s', (variable) => {
    expect(faultsOf({ [variable]: 'true' })).toEqual([
      { variable, problem: 'is not supported by this version', example: `unset ${variable}` },
    ]);
  });

  test('a later setting may be given as switched off', () => {
    expect(faultsOf({ CALLER_CREDENTIALS: 'off', PERSISTED_ONLY: 'false' })).toEqual([]);
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
