import { noAccess } from '../src/access/settings.ts';
import type { AppConfig } from '../src/app.ts';
import type { Sandbox } from '../src/sandbox/sandbox.ts';

/** What a gateway in this very process is started with, where time is driven. */
export function configOf(
  { apiKey, apiUrl, regulatoryUrl, webhookSecret }: Sandbox,
  own: Partial<AppConfig>,
): AppConfig {
  return {
    account: 'sandbox',
    upstream: { apiKey, baseUrl: apiUrl, regulatoryUrl, rateLimit: 60 },
    webhookSecrets: [webhookSecret],
    accounts: [],
    access: noAccess,
    persisted: null,
    host: '127.0.0.1',
    port: 0,
    publicUrl: 'http://127.0.0.1:4000',
    databaseUrl: 'sqlite::memory:',
    graphiql: false,
    introspection: true,
    logLevel: 'warn',
    answersMegabytes: 32,
    idempotencyKeyDays: 30,
    eventLogDays: 30,
    eventLogCount: 1_000_000,
    subscriptions: { perViewer: 20_000, inAll: 20_000 },
    ...own,
  };
}
