import { GraphQLError } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { ownPlace, type Place } from '../../src/graph/place.ts';
import { createLogger } from '../../src/server/log.ts';
import { createServer, type GatewayServer, type ServerOptions } from '../../src/server/server.ts';
import type { LiveOptions } from '../../src/server/subscriptions/live-options.ts';
import { createFakeClock } from '../support/clock.ts';
import { createSmallLog, type SmallLog } from './small-log.ts';

/** Thrown by resolvers of the small graph as the gateway's own errors are by its resolvers. */
export class KnownError extends Error {
  override readonly name = 'KnownError';
}

export interface SmallContext {
  readonly greeting: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** Who asks, as the request's `x-viewer` says. */
  readonly viewer: string;
  /** What they may see, as `x-scope` says. */
  readonly scope: string;
  readonly place: Place;
}

/** What the small graph's resolvers wait for and what they saw. */
export interface Stage {
  readonly gate: PromiseWithResolvers<void>;
  readonly entered: PromiseWithResolvers<void>;
  readonly sourceEnded: PromiseWithResolvers<void>;
  readonly cancelled: PromiseWithResolvers<void>;
  readonly lines: Record<string, unknown>[];
  readonly log: SmallLog;
  /** How often a tick was worked out. */
  ticks: number;
}

const typeDefs = /* GraphQL */ `
  type Query {
    hello(times: Int = 1): String
    again(times: Int! = 1): String
    requestId: String
    broken: String
    known: String
    coded: String
    uncoded: String
    notAnInt: Int
    slow: String
    greet(name: String): String
    greetAll(names: [Name!]): String
  }
  input Name {
    name: String
  }
  type Mutation {
    change: String
  }
  type Subscription {
    countdown(from: Int!): Int
    silent: Int
    fails: Int
    brokenEvents: Event
    greeted(name: String): String
    "Each number of the log, seen by its viewer's scope; the present one first where nobody said where to begin."
    ticks(after: String, first: Boolean = false): String
  }
  type Event {
    value: Int
    broken: String
  }
`;

function schemaOf(stage: Stage) {
  return createSchema<SmallContext>({
    typeDefs,
    resolvers: {
      Query: {
        hello: (_, { times }: { times: number }, context) => context.greeting.repeat(times),
        again: (_, { times }: { times: number }, context) => context.greeting.repeat(times),
        requestId: (_, __, context) => context.requestId,
        broken: () => {
          throw new Error('the secret inside');
        },
        known: () => {
          throw new KnownError('Nothing like that');
        },
        coded: () => {
          throw new GraphQLError('Not that', { extensions: { code: 'BAD_USER_INPUT', argument: 'x' } });
        },
        uncoded: () => {
          throw new GraphQLError('the secret inside');
        },
        notAnInt: () => 'the secret inside',
        slow: async (_, __, { signal }) => {
          signal.addEventListener('abort', () => stage.cancelled.resolve());
          stage.entered.resolve();
          await stage.gate.promise;
          return 'done';
        },
      },
      Mutation: { change: () => 'changed' },
      Subscription: {
        countdown: {
          async *subscribe(_, { from }: { from: number }) {
            for (let left = from; left >= 0; left--) yield { countdown: left };
          },
        },
        silent: {
          async *subscribe(_, __, { signal }) {
            const gone = Promise.withResolvers<void>();
            signal.addEventListener('abort', () => gone.resolve());
            try {
              yield { silent: 1 };
              await gone.promise;
            } finally {
              stage.sourceEnded.resolve();
            }
          },
        },
        fails: {
          async *subscribe() {
            yield { fails: 1 };
            throw new Error('the secret inside');
          },
        },
        ticks: {
          subscribe(_, { after, first }: { after?: string | null; first: boolean }, { place, signal }) {
            const begin = place.resume ?? (after == null ? stage.log.newest() : seqOf(after));
            return (async function* () {
              if (first && place.resume === null) {
                yield 0;
                place.seq = begin;
                yield 0;
              }
              yield* stage.log.follow(begin, place, signal);
            })();
          },
          resolve: (tick: number, _: unknown, { scope }: SmallContext) => {
            stage.ticks += 1;
            return `${scope}${tick}`;
          },
        },
        brokenEvents: {
          async *subscribe() {
            yield { brokenEvents: { value: 1 } };
          },
        },
      },
      Event: {
        broken: () => {
          throw new Error('the secret inside');
        },
      },
    },
  });
}

/** Cursors are the numbers of the log with a `c` before them. */
const smallLive: LiveOptions<SmallContext> = {
  audience: ({ scope }) => scope,
  account: () => 'only',
  viewer: ({ viewer }) => viewer,
  fork: ({ greeting, requestId, viewer, scope, signal }, place, own) => ({
    ...{ greeting, requestId, viewer, scope, place },
    signal: own ?? signal,
  }),
  cursor: (_, seq) => `c${seq}`,
  seqOf: (_, cursor) => seqOf(cursor),
  admission: () => () => true,
  limits: { perViewer: 1_000, inAll: 20_000 },
  random: () => 0.5,
};

function seqOf(cursor: string): number {
  if (/^c\d+$/.test(cursor)) return Number(cursor.slice(1));
  if (cursor === 'gone') throw new GraphQLError('Gone', { extensions: { code: 'CURSOR_EXPIRED' } });
  if (cursor === 'broken') throw new Error('the secret inside');
  throw new GraphQLError('No cursor', { extensions: { code: 'BAD_USER_INPUT' } });
}

/** A server over a graph of a few fields, each of which behaves in one way. Port 0: any free one. */
export function createSmallServer(
  overrides: Partial<Omit<ServerOptions<SmallContext>, 'config' | 'live'>> & {
    config?: Partial<ServerOptions<SmallContext>['config']>;
    live?: Partial<LiveOptions<SmallContext>>;
  } = {},
): GatewayServer & { stage: Stage; clock: ReturnType<typeof createFakeClock> } {
  const clock = createFakeClock();
  const stage: Stage = {
    gate: Promise.withResolvers(),
    entered: Promise.withResolvers(),
    sourceEnded: Promise.withResolvers(),
    cancelled: Promise.withResolvers(),
    lines: [],
    log: createSmallLog(),
    ticks: 0,
  };
  const server = createServer<SmallContext>({
    schema: schemaOf(stage),
    createContext: (request, requestId) => ({
      greeting: 'hello',
      requestId,
      signal: request.signal,
      viewer: request.headers.get('x-viewer') ?? 'one',
      scope: request.headers.get('x-scope') ?? '',
      place: ownPlace(),
    }),
    extensions: ({ greeting }) => ({ upstream: { greeting } }),
    toGraphQLError: (error) =>
      error instanceof KnownError ? new GraphQLError(error.message, { extensions: { code: 'NOT_FOUND' } }) : null,
    ready: async () => ({ ok: true, checks: { storage: 'ok' } }),
    log: createLogger({ level: 'debug', destination: { write: (line) => stage.lines.push(JSON.parse(line)) } }),
    clock,
    ...overrides,
    live: { ...smallLive, ...overrides.live },
    config: {
      host: '127.0.0.1',
      port: 0,
      publicUrl: 'http://127.0.0.1:4000',
      graphiql: true,
      introspection: true,
      ...overrides.config,
    },
  });
  return { ...server, stage, clock };
}

/** Everything that a stream gives, once it has ended. */
export async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** Sends an operation in process and reads the answer. */
export async function ask(
  server: Pick<GatewayServer, 'fetch'>,
  query: string,
  init: { variables?: object; operationName?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: Headers; body: Answer }> {
  const { headers, ...rest } = init;
  const response = await server.fetch(
    new Request('http://gateway/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
      body: JSON.stringify({ query, ...rest }),
    }),
  );
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
}

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; path?: unknown[]; extensions?: Record<string, unknown> }[];
  readonly extensions?: Record<string, unknown>;
}
