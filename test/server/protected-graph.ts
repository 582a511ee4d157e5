import { createServer, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GraphQLError } from 'graphql';
import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import { createErrorMask, useBadInputCodes } from '../../src/server/errors.ts';
import { createLogger } from '../../src/server/log.ts';

/** A graph of pages within pages, with a count of the resolvers that ran. */
export function createPagedGraph() {
  const ran = { fields: 0 };
  const page = ({ first, last }: { first?: number; last?: number }) => {
    ran.fields += 1;
    return { nodes: Array.from({ length: Math.min(3, first ?? last ?? 3) }, (_, id) => ({ id: String(id) })) };
  };
  const schema = createSchema({
    typeDefs: /* GraphQL */ `
      enum Colour {
        GREEN
      }
      interface Node {
        id: ID!
      }
      type Query {
        things(first: Int, last: Int): ThingConnection
        nodes(ids: [ID!]!): [Node]!
        hello: String
        paint(colour: Colour): String
      }
      type Mutation {
        change: String
      }
      type Subscription {
        changes: Thing
      }
      type ThingConnection {
        nodes: [Thing!]!
        totalCount: Int
      }
      type Thing implements Node {
        id: ID!
        parts: [Thing!]
        owner: Thing
        things(first: Int, last: Int): ThingConnection
      }
    `,
    resolvers: {
      Node: { __resolveType: () => 'Thing' },
      Query: {
        things: (_, args) => page(args),
        nodes: (_, { ids }: { ids: string[] }) => ids.map((id) => ({ id })),
        hello: () => {
          ran.fields += 1;
          return 'hello';
        },
      },
      Mutation: {
        change: () => {
          ran.fields += 1;
          return 'changed';
        },
      },
      Thing: { things: (_, args) => page(args) },
      Subscription: {
        changes: {
          async *subscribe() {
            ran.fields += 1;
            yield { changes: { id: '1' } };
          },
        },
      },
    },
  });
  return { schema, ran };
}

/** Yoga as the gateway's server sets it up, with one more rule in front. */
export function createProtectedYoga(
  schema: ReturnType<typeof createSchema>,
  plugins: Plugin[],
  options: { maxRequestBodySize?: number; context?: object } = {},
) {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({ level: 'debug', destination: { write: (line) => lines.push(JSON.parse(line)) } });
  const mask = createErrorMask(
    (error) => (error instanceof GraphQLError && error.extensions['code'] ? error : null),
    log,
  );
  const yoga = createYoga({
    schema,
    maskedErrors: { maskError: mask },
    plugins: [...plugins, useBadInputCodes()],
    logging: false,
    healthCheckEndpoint: ' ',
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    ...options,
  });
  return { yoga, lines, mask };
}

export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; path?: unknown[]; extensions?: Record<string, unknown> }[];
}

type Yoga = ReturnType<typeof createProtectedYoga>['yoga'];

/** Asks over HTTP, in process. */
export async function post(yoga: Yoga, body: unknown): Promise<{ status: number; body: Answer }> {
  const response = await yoga.fetch('http://gateway/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Answer };
}

/** Asks as a WebSocket does: through the envelope alone, past everything that Yoga does for HTTP. */
export async function envelop(
  yoga: Yoga,
  query: string,
  variableValues: Record<string, unknown> = {},
): Promise<Answer> {
  const enveloped = yoga.getEnveloped({ request: new Request('http://gateway/graphql', { method: 'POST' }) });
  try {
    const document = enveloped.parse(query);
    const errors = enveloped.validate(enveloped.schema, document);
    if (errors.length > 0) return JSON.parse(JSON.stringify({ errors })) as Answer;
    const args = { schema: enveloped.schema, document, variableValues, contextValue: await enveloped.contextFactory() };
    const run = query.trimStart().startsWith('subscription') ? enveloped.subscribe : enveloped.execute;
    return JSON.parse(JSON.stringify(await run(args))) as Answer;
  } catch (error) {
    return JSON.parse(JSON.stringify({ errors: [error] })) as Answer;
  }
}

/** Serves it over real HTTP, at any free port. */
export async function listen(
  yoga: Yoga,
  options: ServerOptions = {},
): Promise<AsyncDisposable & { readonly http: Server; readonly url: string; readonly port: number }> {
  const http = createServer(options, (request, response) => void yoga(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    http,
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
