import { z } from 'zod';
import {
  type AccessSettings,
  accessExamples,
  accessSettings,
  accessVariables,
  isAccessGiven,
} from './access/settings.ts';
import { apiKeyText, type FileAccount, readAccountsFile } from './accounts-file.ts';
import { type Environment, faultsBetween, idleFaults, type VariableFault } from './config-faults.ts';

/** DIDfarm as this gateway reaches it. `rateLimit` is in requests a minute. */
export interface Upstream {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly regulatoryUrl: string;
  readonly rateLimit: number;
}

/** One account of several. */
export interface AccountConfig {
  readonly name: string;
  readonly upstream: Upstream;
  readonly webhookSecrets: readonly string[];
}

/** The whole configuration, frozen. `upstream: null` means the embedded sandbox, which `main.ts` puts in its place. */
export interface Config {
  readonly account: string;
  readonly upstream: Upstream | null;
  readonly webhookSecrets: readonly string[];
  /** The accounts of ACCOUNTS_FILE; the three fields above are the first one's then. Empty: those three are the only account's. */
  readonly accounts: readonly AccountConfig[];
  readonly access: AccessSettings;
  /** Trusted operations, and whether no others run. */
  readonly persisted: { readonly file: string; readonly only: boolean } | null;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Without a slash at its end. */
  readonly publicUrl: string;
  readonly databaseUrl: string;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly logLevel: (typeof logLevels)[number];
  /** How long a mutation's key is remembered after it ended. */
  readonly idempotencyKeyDays: number;
  /** How long events stay in the log, and how many of them at most. */
  readonly eventLogDays: number;
  readonly eventLogCount: number;
  /** How many subscriptions one viewer and all together may have at once. */
  readonly subscriptions: { readonly perViewer: number; readonly inAll: number };
  /** For answers that are kept, in MiB; 0 keeps none. */
  readonly answersMegabytes: number;
}

/** One thing wrong with the environment. Never holds the value: it may be a secret. */
export interface ConfigFault extends VariableFault {
  readonly example: string;
}

/** The environment cannot be used; `faults` and the message name everything that is wrong with it at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    const lines = faults.map(({ variable, problem, example }) => `  ${variable} ${problem}. For example: ${example}`);
    super(`The configuration cannot be used:\n${lines.join('\n')}`);
    this.faults = faults;
  }
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const examples: Readonly<Record<string, string>> = {
  DIDFARM_API_KEY: 'DIDFARM_API_KEY=df_live_…',
  DIDFARM_BASE_URL: 'DIDFARM_BASE_URL=https://didfarm.com/api/v1',
  DIDFARM_REGULATORY_URL: 'DIDFARM_REGULATORY_URL=https://didfarm.com/api/regulatory/submit',
  DIDFARM_RATE_LIMIT: 'DIDFARM_RATE_LIMIT=60',
  DIDFARM_WEBHOOK_SECRET: 'DIDFARM_WEBHOOK_SECRET=newest-secret,previous-secret',
  ...accessExamples,
  ACCOUNTS_FILE:
    'ACCOUNTS_FILE=/etc/didfarm/accounts.json with [{"name": "berlin", "apiKey": "df_live_…", "webhookSecrets": ["…"]}]',
  PERSISTED_OPERATIONS: 'PERSISTED_OPERATIONS=./operations.json',
  PERSISTED_ONLY: 'PERSISTED_ONLY=true',
  HOST: 'HOST=127.0.0.1',
  PORT: 'PORT=4000',
  PUBLIC_URL: 'PUBLIC_URL=https://graph.example.com',
  DATABASE_URL: 'DATABASE_URL=sqlite:./data/gateway.db or postgres://user:password@host:5432/gateway',
  GRAPHIQL: 'GRAPHIQL=true',
  INTROSPECTION: 'INTROSPECTION=true',
  LOG_LEVEL: 'LOG_LEVEL=info',
  IDEMPOTENCY_KEY_DAYS: 'IDEMPOTENCY_KEY_DAYS=30',
  EVENT_LOG_DAYS: 'EVENT_LOG_DAYS=30',
  EVENT_LOG_COUNT: 'EVENT_LOG_COUNT=1000000',
  SUBSCRIPTIONS_PER_VIEWER: 'SUBSCRIPTIONS_PER_VIEWER=1000',
  SUBSCRIPTIONS_IN_ALL: 'SUBSCRIPTIONS_IN_ALL=20000',
  ANSWERS_MB: 'ANSWERS_MB=32',
};

const httpUrl = z
  .string()
  .refine(isPlainHttpUrl, 'is no http or https address without credentials, query and fragment');

const onOff = z.stringbool({
  truthy: ['true', 'on', '1'],
  falsy: ['false', 'off', '0'],
  error: 'is neither true nor false',
});

const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= from && Number(text) <= to, {
      error: `is no whole number from ${from} to ${to}`,
    })
    .transform(Number);

const environment = z.object({
  DIDFARM_API_KEY: apiKeyText.optional(),
  DIDFARM_BASE_URL: httpUrl.transform(withoutSlash).default('https://didfarm.com/api/v1'),
  DIDFARM_REGULATORY_URL: httpUrl.transform(withoutSlash).optional(),
  DIDFARM_RATE_LIMIT: wholeNumber(1, 100_000).default(60),
  DIDFARM_WEBHOOK_SECRET: z
    .string()
    .transform((text) => text.split(',').map((secret) => secret.trim()))
    .refine((secrets) => secrets.every((secret) => secret.length > 0), 'has an empty secret between its commas')
    .default([]),
  ...accessVariables,
  ACCOUNTS_FILE: z.string().optional(),
  PERSISTED_OPERATIONS: z.string().optional(),
  PERSISTED_ONLY: onOff.default(false),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+$/, 'is no host name or IP address')
    .default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(4000),
  PUBLIC_URL: httpUrl.transform(withoutSlash).optional(),
  DATABASE_URL: z
    .string()
    .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'is neither sqlite:PATH nor postgres://…')
    .optional(),
  GRAPHIQL: onOff.optional(),
  INTROSPECTION: onOff.optional(),
  LOG_LEVEL: z.enum(logLevels, { error: `is none of ${logLevels.join(', ')}` }).default('info'),
  IDEMPOTENCY_KEY_DAYS: wholeNumber(1, 3_650).default(30),
  EVENT_LOG_DAYS: wholeNumber(1, 3_650).default(30),
  EVENT_LOG_COUNT: wholeNumber(1, 100_000_000).default(1_000_000),
  SUBSCRIPTIONS_PER_VIEWER: wholeNumber(1, 999_999).default(1_000),
  SUBSCRIPTIONS_IN_ALL: wholeNumber(1, 999_999).default(20_000),
  ANSWERS_MB: wholeNumber(0, 16_384).default(32),
});

/**
 * Reads the gateway's configuration. An empty variable counts as not set.
 * @throws ConfigError naming every fault at once.
 */
export function readConfig(env: Environment): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = environment.safeParse(given);
  const file = given['ACCOUNTS_FILE'] === undefined ? null : readAccountsFile(given['ACCOUNTS_FILE']);
  const faults = [
    ...(parsed.error?.issues ?? []).map(toFault),
    ...faultsBetween(given, file).map(withExample),
    ...idleFaults(given).map(orUnset),
  ];
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  const read = parsed.data;
  const hasAccess = isAccessGiven(given);

  return Object.freeze({
    ...accountsOf(read, file?.entries ?? []),
    access: accessSettings(read),
    persisted: persistedOf(read),
    host: read.HOST,
    port: read.PORT,
    publicUrl: read.PUBLIC_URL ?? `http://${read.HOST.includes(':') ? `[${read.HOST}]` : read.HOST}:${read.PORT}`,
    graphiql: read.GRAPHIQL ?? !hasAccess,
    introspection: read.INTROSPECTION ?? !hasAccess,
    logLevel: read.LOG_LEVEL,
    idempotencyKeyDays: read.IDEMPOTENCY_KEY_DAYS,
    eventLogDays: read.EVENT_LOG_DAYS,
    eventLogCount: read.EVENT_LOG_COUNT,
    subscriptions: Object.freeze({ perViewer: read.SUBSCRIPTIONS_PER_VIEWER, inAll: read.SUBSCRIPTIONS_IN_ALL }),
    answersMegabytes: read.ANSWERS_MB,
  });
}

type Read = z.infer<typeof environment>;

/** What is DIDfarm's. Of several accounts, the first one also stands where the only one does. */
function accountsOf(read: Read, entries: readonly FileAccount[]) {
  const upstreamOf = (apiKey: string, rateLimit: number): Upstream =>
    Object.freeze({
      apiKey,
      baseUrl: read.DIDFARM_BASE_URL,
      regulatoryUrl: read.DIDFARM_REGULATORY_URL ?? new URL('/api/regulatory/submit', read.DIDFARM_BASE_URL).toString(),
      rateLimit,
    });
  const accounts: readonly AccountConfig[] = Object.freeze(
    entries.map(({ name, apiKey, rateLimit, webhookSecrets }) =>
      Object.freeze({ name, upstream: upstreamOf(apiKey, rateLimit), webhookSecrets: Object.freeze(webhookSecrets) }),
    ),
  );
  const key = read.DIDFARM_API_KEY;
  const [first] = accounts;
  const upstream = first?.upstream ?? (key === undefined ? null : upstreamOf(key, read.DIDFARM_RATE_LIMIT));
  return {
    account: first?.name ?? (upstream ? 'main' : 'sandbox'),
    upstream,
    webhookSecrets: first?.webhookSecrets ?? Object.freeze(read.DIDFARM_WEBHOOK_SECRET),
    accounts,
    databaseUrl: read.DATABASE_URL ?? (upstream ? 'sqlite:./data/gateway.db' : 'sqlite::memory:'),
  };
}

function persistedOf({ PERSISTED_OPERATIONS: file, PERSISTED_ONLY: only }: Read): Config['persisted'] {
  return file === undefined ? null : Object.freeze({ file, only });
}

function toFault(issue: z.core.$ZodIssue): ConfigFault {
  return withExample({ variable: String(issue.path[0]), problem: issue.message });
}

function withExample({ variable, problem }: VariableFault): ConfigFault {
  return { variable, problem, example: examples[variable] ?? variable };
}

function orUnset({ variable, problem }: VariableFault): ConfigFault {
  return { variable, problem, example: `${examples['DIDFARM_API_KEY']}, or unset ${variable}` };
}

function isPlainHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
