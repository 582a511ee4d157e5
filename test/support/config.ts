import { noAccess } from '../../src/access/settings.ts';
import type { AppConfig } from '../../src/app.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';

/** A gateway before a sandbox, on a database in memory, as far as a test does not want it otherwise. */
export function configOf(sandbox: Sandbox, changes: Partial<AppConfig> & { readonly rateLimit?: number }): AppConfig {
  const { apiKey, apiUrl, regulatoryUrl, webhookSecret } = sandbox;
  const { rateLimit = 60, ...config } = changes;
  return {
    account: 'sandbox',
    upstream: { apiKey, baseUrl: apiUrl, regulatoryUrl, rateLimit },
    webhookSecrets: [webhookSecret],
    accounts: [],
    access: noAccess,
    persisted: null,
    host: '127.0.0.1',
    port: 0,
    publicUrl: 'http://127.0.0.1:4000',
    databaseUrl: 'sqlite::memory:',
    graphiql: true,
    introspection: true,
    logLevel: 'trace',
    idempotencyKeyDays: 30,
    eventLogDays: 30,
    eventLogCount: 1_000_000,
    subscriptions: { perViewer: 20_000, inAll: 20_000 },
    answersMegabytes: 32,
    ...config,
  };
}
