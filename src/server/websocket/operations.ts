import { type DocumentNode, type ExecutionArgs, type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import type { ServerOptions, SubscribePayload } from 'graphql-ws';
import type { Authenticate } from '../authentication.ts';
import type { Asked } from '../persisted/persisted.ts';
import { withRequestId } from '../request-id.ts';
import type { LiveStream } from '../subscriptions/stream.ts';
import type { Connection } from './connection.ts';
import { deliver } from './delivery.ts';
import { requestOf } from './handshake.ts';

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

export interface OperationsOptions {
  readonly envelop: (initial: { request: Request; params: object }) => Enveloped;
  /** The stream of a subscription by its operation's context: what Yoga returns may be wrapped around it. */
  readonly streams: { get(context: object): LiveStream | undefined };
  /** The text of what is asked for, which may be named by an id. @throws GraphQLError */
  readonly textOf: (asked: Asked) => string | undefined;
  /** Throws where whoever opened the socket is not let in any more. */
  readonly authenticate?: Authenticate | undefined;
  readonly mask: (error: unknown) => GraphQLError;
  readonly newRequestId: () => string;
  /** Under this address browsers may know the server, besides the host that they connect to. */
  readonly publicUrl: string;
  readonly isStopping: () => boolean;
}

/** Operations that one socket may carry at once. */
export const mostOperations = 100;

type Hooks = ServerOptions<Record<string, unknown>, Connection>;
type OperationHooks = Required<Pick<Hooks, 'onSubscribe' | 'execute' | 'subscribe' | 'onComplete'>>;

/** What runs an operation. graphql-ws keeps what it is given for as long as a subscription lives, so it is given nothing of this. */
interface Prepared {
  execute(): Promise<Results>;
  subscribe(): Promise<Results>;
}

/** How graphql-ws runs operations: through Yoga's own pipeline, each with a request of its own made of the handshake. */
export function createOperations(options: OperationsOptions): OperationHooks {
  const { envelop, streams, textOf, authenticate, mask, newRequestId, publicUrl, isStopping } = options;
  const prepared = new WeakMap<ExecutionArgs, Prepared>();

  const prepare = async (connection: Connection, id: string, payload: SubscribePayload, requestId: string) => {
    const signal = connection.begin(id);
    const request = requestOf(connection.handshake, publicUrl, signal);
    // As over HTTP, before anything of the operation is looked at: its faults would tell strangers of the schema.
    await authenticate?.(request);
    const query = textOf(payload) ?? '';
    const enveloped = envelop({ request, params: { ...payload, query } });
    const { schema } = enveloped;
    const document = enveloped.parse(query);
    const errors = enveloped.validate(schema, document);
    if (errors.length > 0) return errors;
    const operationName = payload.operationName ?? null;
    const context = (await enveloped.contextFactory()) as object;
    const args = { schema, document, operationName, variableValues: payload.variables ?? null, contextValue: context };
    const light: ExecutionArgs = { schema, document, operationName, contextValue: null, rootValue: null };
    prepared.set(light, {
      execute: () => withRequestId(requestId, async () => enveloped.execute(args)),
      async subscribe() {
        const results = await withRequestId(requestId, async () => enveloped.subscribe(args));
        const stream = streams.get(context);
        return stream === undefined ? results : deliver(stream, connection, id);
      },
    });
    return light;
  };
  const take = (light: ExecutionArgs): Prepared => {
    const found = prepared.get(light);
    if (found === undefined) throw new Error('An operation that was never prepared');
    prepared.delete(light);
    return found;
  };

  return {
    onSubscribe({ extra: connection, subscriptions }, id, payload) {
      if (isStopping()) return [refusal('GOING_AWAY', 'This server is stopping: connect again.')];
      if (Object.keys(subscriptions).length > mostOperations) return [refusal('TOO_MANY_OPERATIONS', tooMany)];
      const requestId = newRequestId();
      return withRequestId(requestId, async () => {
        const operation = await prepare(connection, id, payload, requestId).catch((error: unknown) => [mask(error)]);
        // graphql-ws calls nothing complete that never ran.
        if (Array.isArray(operation)) connection.end(id);
        return operation;
      });
    },
    execute: (light) => take(light).execute(),
    subscribe: (light) => take(light).subscribe(),
    onComplete: ({ extra: connection }, id) => connection.end(id),
  };
}

const tooMany = `A socket carries ${mostOperations} operations at once, and this one has as many. Complete one, or open another socket.`;

function refusal(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}
