import { GraphQLError } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { createLogger } from '../../src/server/log.ts';
import { createServer, type GatewayServer, type ServerOptions } from '../../src/server/server.ts';
import { createFakeClock } from '../support/clock.ts';

/** Thrown by resolvers of the small graph as the gateway's own errors are by its resolvers. */
export class KnownError extends Error {
  override readonly name = 'KnownError';
}

export interface SmallContext {
  readonly greeting: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

/** What the small graph's resolvers wait for and what they saw. */
export interface Stage {
  readonly gate: PromiseWithResolvers<void>;
  readonly entered: PromiseWithResolvers<void>;
  readonly sourceEnded: PromiseWithResolvers<void>;
  readonly cancelled: PromiseWithResolvers<void>;
  readonly lines: Record<string, unknown>[];
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

/** A server over a graph of a few fields, each of which behaves in one way. Port 0: any free one. */
export function createSmallServer(
  overrides: Partial<Omit<ServerOptions<SmallContext>, 'config'>> & {
    config?: Partial<ServerOptions<SmallContext>['config']>;
  } = {},
): GatewayServer & { stage: Stage; clock: ReturnType<typeof createFakeClock> } {
  const clock = createFakeClock();
  const stage: Stage = {
    gate: Promise.withResolvers(),
    entered: Promise.withResolvers(),
    sourceEnded: Promise.withResolvers(),
    cancelled: Promise.withResolvers(),
    lines: [],
  };
  const server = createServer<SmallContext>({
    schema: schemaOf(stage),
    createContext: (request, requestId) => ({ greeting: 'hello', requestId, signal: request.signal }),
    extensions: ({ greeting }) => ({ upstream: { greeting } }),
    toGraphQLError: (error) =>
      error instanceof KnownError ? new GraphQLError(error.message, { extensions: { code: 'NOT_FOUND' } }) : null,
    ready: async () => ({ ok: true, checks: { storage: 'ok' } }),
    log: createLogger({ level: 'debug', destination: { write: (line) => stage.lines.push(JSON.parse(line)) } }),
    clock,
    ...overrides,
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
