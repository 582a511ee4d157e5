import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { createLogger } from '../../src/server/log.ts';
import { createFakeClock, type FakeClock } from './clock.ts';
import type { Answer } from './gateway.ts';
import { webhookOf } from './webhook.ts';

/** Variables of the environment. An empty one counts as not set. */
export type Variables = Readonly<Record<string, string>>;

/** A gateway as its environment configures it, listening, on a database that outlives it and before a sandbox, all on one clock. */
export interface Installation extends AsyncDisposable {
  readonly app: App;
  readonly url: string;
  readonly sandbox: Sandbox;
  readonly clock: FakeClock;
  /** For the files that variables name. */
  readonly folder: string;
  readonly databaseFile: string;
  /** Log lines of all its runs. */
  readonly log: readonly string[];
  /** Over HTTP. @param bearer what the caller shows; none: nothing */
  ask(query: string, bearer?: string, variables?: object): Promise<InstallationAnswer>;
  /** As `ask`, where nothing may fail: the data alone. */
  read<Data>(query: string, bearer?: string, variables?: object): Promise<Data>;
  /** A subscription over SSE, for as long as the caller reads. */
  follow(query: string, bearer: string): Promise<Response>;
  /** Delivers a webhook signed with this secret, and gives the status that it is answered. */
  deliver(secret: string, event: string, data: object): Promise<number>;
  stop(): Promise<void>;
  /** Stops the gateway where it runs, and starts it with these variables in the place of those before. */
  restart(changes?: Variables): Promise<void>;
}

export interface InstallationAnswer extends Answer<Record<string, unknown>> {
  readonly status: number;
}

export interface InstallationOptions {
  readonly sandbox?: SandboxOptions;
  /** Called with the folder, where a variable names a file in it. */
  readonly variables?: Variables | ((folder: string) => Variables | Promise<Variables>);
}

export async function startInstallation({
  sandbox: sandboxOptions,
  variables = {},
}: InstallationOptions = {}): Promise<Installation> {
  const clock = createFakeClock();
  const folder = await mkdtemp(join(tmpdir(), 'installation-'));
  const databaseFile = join(folder, 'gateway.db');
  const sandbox = createSandbox({ clock, trunks: 8, numbers: 30, transactions: 200, ...sandboxOptions });
  await sandbox.listen();
  const log: string[] = [];
  let environment: Variables = {
    DIDFARM_API_KEY: sandbox.apiKey,
    DIDFARM_BASE_URL: sandbox.apiUrl,
    DIDFARM_REGULATORY_URL: sandbox.regulatoryUrl,
    DATABASE_URL: `sqlite:${databaseFile}`,
    PORT: '0',
    LOG_LEVEL: 'trace',
    ...(typeof variables === 'function' ? await variables(folder) : variables),
  };
  const open = async () => {
    const config = readConfig(environment);
    if (config.upstream === null) throw new Error('An installation has a key of its own');
    const app = await createApp(
      { ...config, upstream: config.upstream },
      {
        clock,
        random: () => 0.5,
        log: createLogger({ level: config.logLevel, destination: { write: (line) => void log.push(line) } }),
      },
    );
    return { app, ...(await app.listen()) };
  };
  let running: Awaited<ReturnType<typeof open>> | null = null;
  const runs = () => running ?? unreachable();
  const post = (body: object, accept: string, bearer?: string) =>
    fetch(`${runs().url}/graphql`, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', accept },
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify(body),
    });
  const stop = async () => {
    await running?.app.close();
    running = null;
  };
  const dispose = async () => {
    await stop();
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  };
  running = await open().catch(async (error: unknown) => {
    await dispose();
    throw error;
  });

  const ask: Installation['ask'] = async (query, bearer, asked = {}) => {
    const response = await post({ query, variables: asked }, 'application/graphql-response+json', bearer);
    return { ...((await response.json()) as Answer<Record<string, unknown>>), status: response.status };
  };

  return {
    get app() {
      return runs().app;
    },
    get url() {
      return runs().url;
    },
    ...{ sandbox, clock, folder, databaseFile, log, stop },
    ask,
    async read<Data>(query: string, bearer?: string, asked?: object) {
      const { data, errors } = await ask(query, bearer, asked);
      if (data === null || errors) throw new Error(JSON.stringify(errors));
      return data as Data;
    },
    follow: (query, bearer) => post({ query }, 'text/event-stream', bearer),
    async deliver(secret, event, data) {
      const webhook = webhookOf(secret, event, clock.now(), data);
      return (await fetch(`${runs().url}/webhooks/didfarm`, webhook)).status;
    },
    async restart(changes = {}) {
      environment = { ...environment, ...changes };
      await stop();
      running = await open();
    },
    [Symbol.asyncDispose]: dispose,
  };
}

function unreachable(): never {
  throw new Error('The gateway is stopped');
}
