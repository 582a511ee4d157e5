import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import type { Viewer } from '../../src/access/viewer.ts';
import { type App, createApp } from '../../src/app.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { createLogger } from '../../src/server/log.ts';
import { createFakeClock, type FakeClock } from './clock.ts';
import { configOf } from './config.ts';
import { webhookOf } from './webhook.ts';

/** What a frontend reads of an answer. */
export interface Answer<Data> {
  readonly data: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
  readonly extensions?: {
    readonly upstream: {
      readonly calls: number;
      readonly remaining: number;
      readonly resetsAt: string | null;
      readonly stale: readonly { readonly resource: string; readonly asOf: string }[];
    };
  };
}

/** A gateway before a sandbox, on one clock that the test owns, spoken to through the front door. */
export interface Gateway extends AsyncDisposable {
  readonly app: App;
  readonly sandbox: Sandbox;
  readonly clock: FakeClock;
  /** Log lines, as they were written. */
  readonly log: readonly string[];
  ask<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables?: NoInfer<Variables>,
  ): Promise<Answer<Data>>;
  /** For documents that no frontend would generate. */
  askText(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Answer<Record<string, unknown>>>;
  /** Delivers a webhook, signed as DIDfarm signs it. */
  deliver(event: string, at: number, data: object): Promise<Response>;
  /** A new gateway on the same database file and sandbox: what a restart does. */
  restart(): Promise<void>;
}

export interface GatewayOptions {
  readonly sandbox?: SandboxOptions;
  /** Default `sqlite::memory:`. */
  readonly databaseUrl?: string;
  /** Load the sandbox's own list of numbers; default true. */
  readonly imported?: boolean;
  readonly rateLimit?: number;
  readonly subscriptions?: { readonly perViewer: number; readonly inAll: number };
  /** Who asks; default: whoever sits at this machine. */
  readonly identify?: (request: Request) => Viewer;
}

export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const { sandbox: world, imported = true, identify, ...config } = options;
  const clock = createFakeClock();
  const sandbox = createSandbox({ clock, trunks: 8, numbers: 30, transactions: 200, ...world });
  await sandbox.listen();
  const log: string[] = [];
  const open = () =>
    createApp(configOf(sandbox, config), {
      clock,
      random: () => 0.5,
      log: createLogger({ level: 'trace', destination: { write: (line) => void log.push(line) } }),
      ...(identify && { identify }),
    });
  let app = await open().catch(async (error: unknown) => {
    await sandbox.close();
    throw error;
  });
  if (imported) await app.importNumbers(sandbox.control.numbersCsv(), 'csv');

  const askText = async <Data>(query: string, variables: unknown): Promise<Answer<Data>> => {
    const request = new Request('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query, variables }),
    });
    const response = await clock.through(app.fetch(request));
    return (await response.json()) as Answer<Data>;
  };

  return {
    get app() {
      return app;
    },
    sandbox,
    clock,
    log,
    ask: (document, variables) => askText(print(document), variables),
    askText,
    deliver(event, at, data) {
      const webhook = webhookOf(sandbox.webhookSecret, event, at, data);
      return app.fetch(new Request('http://gateway.test/webhooks/didfarm', webhook));
    },
    async restart() {
      await app.close();
      app = await open();
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await sandbox.close();
    },
  };
}
