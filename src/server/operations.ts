import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Clock } from '../clock.ts';
import type { Logger } from './log.ts';
import type { Metrics, Outcome } from './metrics.ts';
import { withRequestId } from './request-id.ts';
import type { LiveStream } from './subscriptions/stream.ts';
import type { Subscriptions } from './subscriptions/subscriptions.ts';

interface Operations<C> {
  readonly finish: (result: ExecutionResult, context: C) => ExecutionResult;
  readonly subscriptions: Subscriptions;
  /** Where the stream of an operation is to be found by its context: plugins of Yoga wrap it on its way to the transport. */
  readonly streams: WeakMap<object, LiveStream>;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
}

interface Settled {
  readonly result: ExecutionResult | AsyncIterable<ExecutionResult>;
  readonly setResult: (result: ExecutionResult | AsyncIterableIterator<ExecutionResult>) => void;
}

/**
 * What is done to every operation, whichever way it came: its extensions are added, it is counted, timed and written to the log,
 * and where it is a subscription it is begun among the others.
 */
export function useOperations<C extends object>(options: Operations<C>): Plugin {
  const { finish, subscriptions, streams, metrics, log, clock } = options;

  const record = (
    operation: OperationDefinitionNode | null | undefined,
    result: ExecutionResult,
    startedAt: number,
  ) => {
    const kind = operation?.operation ?? 'none';
    const outcome = kind === 'none' ? 'refused' : outcomeOf(result);
    const milliseconds = clock.now() - startedAt;
    const codes = result.errors?.map((error) => error.extensions['code']);
    metrics.operation(kind, outcome, milliseconds);
    log.debug({ kind, name: operation?.name?.value, outcome, codes, milliseconds }, 'Operation');
  };
  const settle = (args: ExecutionArgs) => {
    const startedAt = clock.now();
    return ({ result, setResult }: Settled) => {
      const operation = getOperationAST(args.document, args.operationName);
      if (isAsyncIterable(result)) return record(operation, {}, startedAt);
      // The context was made by `createContext`; Yoga's types have lost that.
      const answer = finish(result, args.contextValue as C);
      record(operation, answer, startedAt);
      setResult(answer);
    };
  };

  return {
    onParse:
      () =>
      ({ result }) => {
        if (result instanceof GraphQLError) record(null, { errors: [result] }, clock.now());
      },
    onValidate:
      () =>
      ({ valid, result }) => {
        if (!valid) record(null, { errors: result.filter((error) => error instanceof GraphQLError) }, clock.now());
      },
    onExecute: ({ args }) => ({ onExecuteDone: settle(args) }),
    onSubscribe({ args, subscribeFn, setSubscribeFn }) {
      setSubscribeFn(async (asked) => {
        const opened = await subscriptions.open(asked, subscribeFn, lastEventId(asked.contextValue));
        if (isAsyncIterable(opened)) streams.set(asked.contextValue, opened);
        return opened;
      });
      return { onSubscribeResult: settle(args) };
    },
  };
}

/** What is done to a query that was answered from what is kept. @param unchanged with 304. */
export type RepeatRecord = (
  operation: string | undefined,
  milliseconds: number,
  unchanged: boolean,
  requestId?: string,
) => void;

export function createRepeatRecord(metrics: Metrics, log: Logger): RepeatRecord {
  return (name, milliseconds, unchanged, requestId) => {
    metrics.repeat(unchanged);
    if (!log.isLevelEnabled('debug')) return;
    const line = { kind: 'query', name, outcome: 'ok', milliseconds, kept: true };
    // Before the whole way begins, there is no request whose id a line would have by itself.
    if (requestId === undefined) log.debug(line, 'Operation');
    else withRequestId(requestId, () => log.debug(line, 'Operation'));
  };
}

/** Where a browser's EventSource goes on from that lost its connection. */
function lastEventId({ request }: { readonly request?: Request }): string | null {
  return request?.headers.get('last-event-id') || null;
}

function outcomeOf(result: ExecutionResult): Outcome {
  if (!result.errors?.length) return 'ok';
  return result.data ? 'partial' : 'error';
}
