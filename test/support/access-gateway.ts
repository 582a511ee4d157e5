import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTokenCommand } from '../../src/access/token-command.ts';
import { type App, createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { createLogger } from '../../src/server/log.ts';
import { createTestAccessFile, type TestAccessFile } from '../access/support/access-file.ts';
import { openSocket, type RawSocket } from '../server/raw-socket.ts';
import { type EventStream, type SubscribeOptions, subscribe } from '../server/sse.ts';
import { createFakeClock, type FakeClock } from './clock.ts';
import type { Answer } from './gateway.ts';
import { webhookOf } from './webhook.ts';

/** Headers. */
type Shown = Readonly<Record<string, string>>;

/** What shows a token. */
export interface Bearer extends Shown {
  readonly authorization: string;
}

/** An answer with what HTTP says of it. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Answer<Record<string, unknown>>;
}

/** A webhook's account; `at` is epoch milliseconds. */
interface DeliveredTo {
  readonly path?: string;
  readonly secret?: string;
  readonly at?: number;
}

export interface AccessGatewayOptions<Name extends string> {
  readonly sandbox?: SandboxOptions;
  /** Who holds a token, by what `npm run token -- create --name NAME` is given besides. Without it there is no access file. */
  readonly holders?: Readonly<Record<Name, string>>;
  /** More of the environment. */
  readonly environment?: (sandbox: Sandbox, folder: string) => Readonly<Record<string, string>>;
  /** Files beside the access file, by their names. */
  readonly files?: (sandbox: Sandbox) => Readonly<Record<string, unknown>>;
}

/** A gateway as its environment configures it, asked over its own transports by whoever shows what. */
export interface AccessGateway<Name extends string> extends AsyncDisposable {
  readonly app: App;
  readonly sandbox: Sandbox;
  readonly clock: FakeClock;
  readonly log: readonly string[];
  readonly accessFile: TestAccessFile;
  /** `Authorization` headers of those who hold a token. */
  readonly bearers: Readonly<Record<Name, Bearer>>;
  /** Does something to the access file, and waits until what it says is in force. */
  change(edit: () => Promise<void>): Promise<void>;
  /** `npm run token`; what it prints. */
  token(...args: readonly string[]): Promise<string>;
  ask(shown: Shown, query: string, variables?: object): Promise<Answered>;
  /** Anything else that HTTP can carry. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  follow(shown: Shown, query: string, options?: SubscribeOptions): Promise<EventStream>;
  /** A socket that has sent its `connection_init`; its answer is not yet read. */
  connect(payload: object | undefined, headers?: Shown): Promise<RawSocket>;
  /** Delivers a webhook of now, signed as DIDfarm signs it; default: to the only account, with its secret. */
  deliver(event: string, data: object, to?: DeliveredTo): Promise<Response>;
  /** A new gateway of the same environment and files: what a restart does. */
  restart(): Promise<void>;
  /** Listens, once; where. */
  url(): Promise<string>;
}

export async function startAccessGateway<Name extends string = never>(
  options: AccessGatewayOptions<Name> = {},
): Promise<AccessGateway<Name>> {
  const clock = createFakeClock();
  const sandbox = createSandbox({ clock, trunks: 8, numbers: 30, transactions: 60, ...options.sandbox });
  await sandbox.listen();
  const accessFile = await createTestAccessFile([]);
  const { folder, path } = accessFile;
  for (const [name, content] of Object.entries(options.files?.(sandbox) ?? {}))
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  const token = async (...args: readonly string[]) => {
    const printed: string[] = [];
    await runTokenCommand(args, { file: path, print: (line) => printed.push(line), remark: () => undefined });
    return printed.join('\n');
  };
  const bearers: Partial<Record<Name, Bearer>> = {};
  for (const [name, grant] of Object.entries(options.holders ?? {}) as [Name, string][])
    bearers[name] = bearer(await token('create', '--name', name, ...grant.split(/ (?=--)/).flatMap(asArguments)));
  const given: Readonly<Record<string, string>> = {
    DIDFARM_API_KEY: sandbox.apiKey,
    DIDFARM_BASE_URL: sandbox.apiUrl,
    DIDFARM_WEBHOOK_SECRET: sandbox.webhookSecret,
    DATABASE_URL: 'sqlite::memory:',
    PORT: '0',
    LOG_LEVEL: 'trace',
    ...(options.holders && { ACCESS_FILE: path }),
    ...options.environment?.(sandbox, folder),
  };
  const environment = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const log: string[] = [];
  const open = async () => {
    const config = readConfig(environment);
    if (config.upstream === null) throw new Error('There is no upstream');
    const destination = { write: (line: string) => void log.push(line) };
    return createApp(
      { ...config, upstream: config.upstream },
      { clock, random: () => 0.5, log: createLogger({ level: 'trace', destination }) },
    );
  };
  let app = await open().catch(async (error: unknown) => {
    await sandbox.close();
    throw error;
  });
  let delivered = 0;
  let listening: Promise<{ url: string }> | null = null;
  const url = async () => {
    listening ??= app.listen();
    return (await listening).url;
  };
  const fetch = (to: string, init: RequestInit = {}) => app.fetch(new Request(`http://gateway.test${to}`, init));

  return {
    get app() {
      return app;
    },
    sandbox,
    clock,
    log,
    accessFile,
    bearers: bearers as Record<Name, Bearer>,
    token,
    async change(edit) {
      const changes = () => log.filter((line) => /The access file (has changed|cannot be used)/.test(line)).length;
      const before = changes();
      await edit();
      await clock.advance(3_000);
      while (changes() === before) await new Promise((resolve) => setImmediate(resolve));
    },
    fetch,
    async ask(shown, query, variables) {
      const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...shown };
      const body = JSON.stringify({ query, variables });
      const response = await clock.through(fetch('/graphql', { method: 'POST', headers, body }));
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
    },
    follow: (shown, query, { variables, headers } = {}) =>
      clock.through(subscribe(app, query, { ...(variables && { variables }), headers: { ...shown, ...headers } })),
    async connect(payload, headers = {}) {
      const socket = await openSocket(await url(), { headers });
      socket.send({ type: 'connection_init', payload });
      return socket;
    },
    deliver(event, data, { path = '/webhooks/didfarm', secret = sandbox.webhookSecret, at } = {}) {
      delivered += 1;
      return fetch(path, webhookOf(secret, event, at ?? clock.now() - 60_000 + delivered, data));
    },
    async restart() {
      await app.close();
      listening = null;
      app = await open();
    },
    url,
    async [Symbol.asyncDispose]() {
      await app.close();
      await sandbox.close();
      await accessFile[Symbol.asyncDispose]();
    },
  };
}

export function bearer(token: string): Bearer {
  return { authorization: `Bearer ${token}` };
}

/** `--client Van Dijk` is a flag and one value. */
function asArguments(text: string): string[] {
  const space = text.indexOf(' ');
  return space < 0 ? [text] : [text.slice(0, space), text.slice(space + 1)];
}
