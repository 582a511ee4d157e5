import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import type { Clock } from '../clock.ts';
import { urlOf } from './address.ts';
import { createKeptAnswers, type KeptAnswers } from './answers/kept-answers.ts';
import { type Authenticate, useAuthentication } from './authentication.ts';
import { useBodyLimit } from './body-limit.ts';
import { useCors } from './cors.ts';
import { useCsrfPrevention } from './csrf.ts';
import { answerUnreadable } from './early-answers.ts';
import { createErrorMask, type ToGraphQLError, useBadInputCodes, useNoIntrospection } from './errors.ts';
import { useEventStream } from './event-stream.ts';
import { useEventStreamRefusals } from './event-stream-refusals.ts';
import { useExecutionTurns } from './execution-turns.ts';
import { frontPage } from './front-page.ts';
import { useGraphiql } from './graphiql.ts';
import { healthRoutes, type Ready } from './health.ts';
import { createHostCheck, refuse } from './host.ts';
import { type Route, useRoutes } from './http-routes.ts';
import { createDocumentCache } from './limits/documents.ts';
import { useLimits } from './limits/limits.ts';
import { useNoSuggestions } from './limits/suggestions.ts';
import { type UpstreamNeed, useUpstreamNeed } from './limits/upstream-need.ts';
import type { Logger } from './log.ts';
import { createMetrics, type GaugesOf } from './metrics.ts';
import { useNoNul } from './no-nul.ts';
import { createRepeatRecord, useOperations } from './operations.ts';
import { createOrigins } from './origins.ts';
import { useParameterFaults } from './parameters.ts';
import { createPersistedOperations } from './persisted/persisted.ts';
import { currentRequestId, useRequestId } from './request-id.ts';
import { limitConnections, type RequestLimits, requestLimits } from './request-limits.ts';
import { securityHeaders, useSecurityHeaders } from './security-headers.ts';
import { type SightOf, shownBySight } from './sight.ts';
import type { LiveOptions } from './subscriptions/live-options.ts';
import type { LiveStream } from './subscriptions/stream.ts';
import { createSubscriptions } from './subscriptions/subscriptions.ts';
import { serveWebSocket } from './websocket.ts';
import { useExecutionTold } from './work.ts';

/** What the server needs of the rest of the gateway, which it knows nothing about. */
export interface ServerOptions<C extends object> {
  readonly schema: GraphQLSchema;
  /**
   * Makes what an operation's resolvers work with; its own properties are copied into Yoga's context. `request.signal` aborts when
   * the caller is gone. What it throws is answered as the operation's only error.
   */
  readonly createContext: (request: Request, requestId: string) => C | Promise<C>;
  /** Asked before anything of a request is read; of a WebSocket with what its `connection_init` brought, at first and for each operation. */
  readonly authenticate?: Authenticate;
  /** Whether a caller may send the large bodies that documents need. */
  readonly mayUpload?: (request: Request) => boolean | Promise<boolean>;
  /** What a caller may see of how the process is doing; default: all. */
  readonly sightOf?: SightOf;
  /** Trusted operations by their ids, and whether nothing else runs. */
  readonly persisted?: { readonly documents: ReadonlyMap<string, string>; readonly only: boolean } | null | undefined;
  /** How often root fields have DIDfarm asked, and how often a viewer may have. */
  readonly upstream?: { readonly need: UpstreamNeed; readonly allowed: (context: C) => number };
  /** Put on each result, also on each event of a subscription. */
  readonly extensions: (context: C) => Record<string, unknown>;
  readonly toGraphQLError: ToGraphQLError;
  /** What a caller is told of an error that is known; default: all of it. */
  readonly told?: (error: GraphQLError, context: C) => GraphQLError;
  readonly live: LiveOptions<C>;
  /** Default: no answer is kept. */
  readonly answers?: KeptAnswers<C> | null;
  readonly routes?: readonly Route[];
  readonly gaugesOf?: GaugesOf;
  readonly ready: Ready;
  readonly log: Logger;
  readonly clock: Clock;
  readonly newRequestId?: () => string;
  /** Default {@link requestLimits}. */
  readonly limits?: RequestLimits;
  readonly config: {
    readonly host: string;
    readonly port: number;
    readonly publicUrl: string;
    readonly graphiql: boolean;
    readonly introspection: boolean;
    /** Origins of other sites whose pages may call, and whether their browsers may send cookies. */
    readonly origins?: readonly string[];
    readonly cookies?: boolean;
  };
}

/** The gateway's face: everything that comes in over the network. */
export interface GatewayServer {
  /** Answers in process what `listen` would answer over HTTP. */
  fetch(request: Request): Promise<Response>;
  /** @throws Error with the code EADDRINUSE or EACCES where the port cannot be had. */
  listen(): Promise<{ readonly url: string }>;
  /** Stops accepting, ends subscriptions, lets requests finish for {@link grace} at most. Calling it again waits for the same end. */
  close(): Promise<void>;
  /** Subscriptions running now, over all transports: all of them, or those of one account. */
  subscribers(account?: string): number;
  /** To be called when who is let in may have changed: subscriptions of those who are not end at once. */
  recheck(): void;
}

/**
 * How long a connection may be silent until TCP asks whether its other end is still there, in milliseconds. Shorter than the pauses
 * between the comments of server-sent events: TCP does not ask while something it has sent is on its way.
 */
const probeAfter = 10_000;

/** How long a stopping server waits for what still runs, in milliseconds. */
export const grace = 10_000;

export function createServer<C extends object>(options: ServerOptions<C>): GatewayServer {
  const { schema, createContext, extensions, live, routes = [], log, clock, config, sightOf = () => 'all' } = options;
  const newRequestId = options.newRequestId ?? randomUUID;
  const mask = createErrorMask(options.toGraphQLError, log);
  const metrics = createMetrics(options.gaugesOf ?? (() => []));
  const told = options.told ?? ((error: GraphQLError) => error);
  const finish = (result: ExecutionResult, context: C): ExecutionResult => ({
    ...result,
    ...(result.errors ? { errors: result.errors.map((error) => told(mask(error), context)) } : {}),
    extensions: { ...result.extensions, ...extensions(context) },
  });
  const subscriptions = createSubscriptions({ live, finish, mask, newRequestId, metrics, clock, log });
  const streams = new WeakMap<object, LiveStream>();
  const origins = createOrigins(config.publicUrl, config.origins ?? []);
  const persisted = createPersistedOperations(
    options.persisted?.documents ?? new Map(),
    options.persisted?.only ?? false,
  );
  let closing: Promise<void> | null = null;
  const isStopping = () => closing !== null;
  const repeated = createRepeatRecord(metrics, log);
  const kept = createKeptAnswers<C>({ ...options, kept: options.answers, newRequestId, repeated, isStopping });

  const yoga = createYoga<object, C>({
    schema,
    context: ({ request }) => createContext(request, currentRequestId() ?? ''),
    maskedErrors: { maskError: mask },
    plugins: [
      useRequestId(newRequestId),
      useSecurityHeaders(config.publicUrl),
      useCors(origins, config.cookies ?? false),
      // A page that holds nothing, and that no other may show in a frame: whoever follows a link to it may see it.
      ...(config.graphiql ? [useGraphiql(clock)] : []),
      useCsrfPrevention(origins),
      useRoutes(
        [
          frontPage(config.graphiql),
          ...healthRoutes(options.ready, isStopping, sightOf),
          shownBySight('/metrics', sightOf, metrics.expose),
          ...routes,
        ],
        log,
      ),
      useBodyLimit(options.mayUpload ?? (() => true)),
      useParameterFaults(),
      useAuthentication(options.authenticate),
      persisted.plugin(),
      useExecutionTold(),
      ...kept.execution,
      useExecutionTurns(),
      useLimits(schema),
      ...(options.upstream ? [useUpstreamNeed<C>(options.upstream.need, options.upstream.allowed)] : []),
      useBadInputCodes(),
      useNoNul(),
      ...(config.introspection ? [] : [useNoIntrospection(), useNoSuggestions()]),
      useOperations<C>({ finish, subscriptions, streams, metrics, log, clock }),
      useEventStream({ streams, clock, random: live.random }),
      useEventStreamRefusals(),
      ...kept.answering,
    ],
    // Errors are logged once, where they are masked; everything else that Yoga would serve by itself is a plugin above.
    logging: false,
    parserAndValidationCache: {
      documentCache: createDocumentCache(),
      // A cached syntax error would skip the plugins, and so not be counted.
      errorCache: { get: () => undefined, set: () => undefined },
    },
    // No address ends like this: Yoga's own check would answer every path that ends with its name.
    healthCheckEndpoint: ' ',
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    // `useBodyLimit` counts; Yoga would pass each body through a stream of its own.
    maxRequestBodySize: false,
  });

  const hostRefusal = createHostCheck(config.publicUrl);
  const headers = securityHeaders(config.publicUrl);
  const { limits = requestLimits } = options;
  const sockets = { ...limits.http, keepAlive: true, keepAliveInitialDelay: probeAfter };
  const answer = kept.before((request, response) => void yoga(request, response));
  const http = createHttpServer(sockets, (request, response) => {
    const refusal = hostRefusal(request.headers.host);
    if (refusal === null) answer(request, response);
    else refuse(response, refusal, headers);
  });
  limitConnections(http, limits);
  answerUnreadable(http, headers);
  const webSocket = serveWebSocket({
    server: http,
    origins,
    textOf: persisted.textOf,
    envelop: (initial) => yoga.getEnveloped(initial),
    streams,
    authenticate: options.authenticate,
    // A socket without a subscription serves nobody for long.
    perViewer: live.limits.perViewer,
    mask,
    newRequestId,
    publicUrl: config.publicUrl,
    hostRefusal,
    isStopping,
    clock,
    log,
  });

  const drain = async () => {
    const stopped = new Promise<void>((resolve) => http.close(() => resolve()));
    subscriptions.drain();
    const cancelDeadline = clock.after(grace, () => {
      webSocket.terminate();
      http.closeAllConnections();
    });
    await Promise.all([webSocket.close(), stopped]);
    cancelDeadline();
  };

  return {
    fetch: async (request) => yoga.fetch(request),
    listen: () =>
      new Promise((resolve, reject) => {
        http.once('error', reject);
        http.listen(config.port, config.host, () => {
          http.off('error', reject);
          resolve({ url: urlOf(http.address()) });
        });
      }),
    close() {
      closing ??= drain();
      return closing;
    },
    subscribers: (account) => subscriptions.count(account),
    recheck: () => subscriptions.recheck(),
  };
}
