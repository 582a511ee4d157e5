import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { HostRefusal } from './host.ts';
import type { Logger } from './log.ts';
import { withRequestId } from './request-id.ts';

type Results = ExecutionResult | AsyncIterable<ExecutionResult>;

/** What Yoga makes of one operation: its own parse, validate, context and execute, with every plugin in them. */
export interface Enveloped {
  readonly schema: GraphQLSchema;
  parse(query: string): DocumentNode;
  validate(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[];
  contextFactory(): unknown;
  execute(args: ExecutionArgs): Results | Promise<Results>;
  subscribe(args: ExecutionArgs): Results | Promise<Results>;
}

interface WebSocketOptions {
  readonly server: Server;
  readonly envelop: (initial: { request: Request; params: object }) => Enveloped;
  readonly mask: (error: unknown) => GraphQLError;
  readonly newRequestId: () => string;
  /** Under this address browsers may know the server, besides the host that they connect to. */
  readonly publicUrl: string;
  readonly hostRefusal: (host: string | undefined) => HostRefusal | null;
  readonly isStopping: () => boolean;
  readonly log: Logger;
}

/** The open sockets. */
export interface WebSocketEndpoint {
  /** Closes every socket with 1001 and resolves when all are gone. */
  close(): Promise<void>;
  /** Cuts the sockets that do not answer. */
  terminate(): void;
}

/** `graphql-transport-ws` at `/graphql`, through Yoga's own pipeline, so that plugins and masking apply here as over HTTP. */
export function serveWebSocket(options: WebSocketOptions): WebSocketEndpoint {
  const { server, envelop, mask, newRequestId, publicUrl, hostRefusal, isStopping, log } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1_000_000 });
  const prepared = new WeakMap<ExecutionArgs, { enveloped: Enveloped; requestId: string }>();
  const cancellations = createCancellations();

  const prepare = async (request: Request, payload: { query: string } & Partial<Operation>) => {
    const enveloped = envelop({ request, params: payload });
    const document = enveloped.parse(payload.query);
    const errors = enveloped.validate(enveloped.schema, document);
    if (errors.length > 0) return errors;
    const args: ExecutionArgs = {
      schema: enveloped.schema,
      document,
      operationName: payload.operationName ?? null,
      variableValues: payload.variables ?? null,
      contextValue: await enveloped.contextFactory(),
    };
    return { args, enveloped };
  };
  const run = (method: 'execute' | 'subscribe') => (args: ExecutionArgs) => {
    const found = prepared.get(args);
    if (!found) throw new Error('An operation that was never prepared');
    return withRequestId(found.requestId, async () => found.enveloped[method](args));
  };

  const endpoint = useServer(
    {
      onSubscribe(context, id, payload) {
        const requestId = newRequestId();
        return withRequestId(requestId, async () => {
          try {
            const signal = cancellations.open(context, id);
            const operation = await prepare(requestOf(context.extra.request, publicUrl, signal), payload);
            if (!('args' in operation)) return operation;
            prepared.set(operation.args, { enveloped: operation.enveloped, requestId });
            return operation.args;
          } catch (error) {
            return [mask(error)];
          }
        });
      },
      execute: run('execute'),
      subscribe: run('subscribe'),
      onComplete: (context, id) => cancellations.cancel(context, id),
      onClose: (context) => cancellations.cancelAll(context),
      // Otherwise the text of an internal error would be the reason of a closing.
      isProd: true,
    },
    sockets,
  );

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = isStopping()
      ? '503 Service Unavailable'
      : (hostRefusal(request.headers.host) ?? refusalOf(request, publicUrl));
    if (refusal !== null) {
      // Nobody else listens to a socket that is handed over: its error would end the process, and its open half would hold up the end.
      socket.on('error', (error) => log.debug({ err: error }, 'A refused socket failed'));
      socket.once('finish', () => socket.destroy());
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      sockets.emit('connection', webSocket, request);
      // A caller's broken or oversized frame is no fault of this server, as graphql-ws would report it; ws closes the socket by itself.
      webSocket.removeAllListeners('error');
      webSocket.on('error', (error) => log.debug({ err: error }, 'A socket failed'));
    });
  });

  return {
    close: async () => endpoint.dispose(),
    terminate() {
      for (const socket of sockets.clients) socket.terminate();
    },
  };
}

interface Operation {
  readonly operationName: string | null | undefined;
  readonly variables: Record<string, unknown> | null | undefined;
}

/** Tells an operation's work when its caller has completed it or is gone. */
function createCancellations() {
  const bySocket = new WeakMap<object, Map<string, AbortController>>();
  const cancel = (socket: object, id: string) => {
    bySocket.get(socket)?.get(id)?.abort();
    bySocket.get(socket)?.delete(id);
  };
  return {
    open(socket: object, id: string): AbortSignal {
      const controllers = bySocket.get(socket) ?? new Map<string, AbortController>();
      const controller = new AbortController();
      bySocket.set(socket, controllers.set(id, controller));
      return controller.signal;
    },
    cancel,
    cancelAll(socket: object) {
      for (const id of [...(bySocket.get(socket)?.keys() ?? [])]) cancel(socket, id);
    },
  };
}

/** A browser lets any page open a socket to here and only tells whose page it is: pages of others are refused. */
function refusalOf(request: IncomingMessage, publicUrl: string): string | null {
  if (URL.parse(request.url ?? '', 'http://localhost')?.pathname !== '/graphql') return '404 Not Found';
  const { origin, host } = request.headers;
  if (origin === undefined || origin === new URL(publicUrl).origin) return null;
  return URL.parse(origin)?.host === host ? null : '403 Forbidden';
}

/** The handshake as a request, so that a context is made of it as of any other; a POST, since it may ask for changes. */
function requestOf(handshake: IncomingMessage, publicUrl: string, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(handshake.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return new Request(new URL(handshake.url ?? '/graphql', publicUrl), { method: 'POST', headers, signal });
}
