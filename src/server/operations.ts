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
import { currentRequestId, withRequestId } from './request-id.ts';
import type { Streams } from './streams.ts';

interface Operations<C> {
  readonly extensions: (context: C) => Record<string, unknown>;
  readonly mask: (error: unknown) => GraphQLError;
  readonly streams: Streams;
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
 * and where it is a subscription its stream is followed.
 */
export function useOperations<C extends object>(options: Operations<C>): Plugin {
  const { extensions, mask, streams, metrics, log, clock } = options;

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
  const finished = (result: ExecutionResult, args: ExecutionArgs): ExecutionResult => ({
    ...result,
    ...(result.errors ? { errors: result.errors.map(mask) } : {}),
    // The context was made by `createContext`; Yoga's types have lost that.
    extensions: { ...result.extensions, ...extensions(args.contextValue as C) },
  });

  const settle = (args: ExecutionArgs) => {
    const startedAt = clock.now();
    const requestId = currentRequestId() ?? '';
    return ({ result, setResult }: Settled) => {
      const operation = getOperationAST(args.document, args.operationName);
      if (!isAsyncIterable(result)) {
        const answer = finished(result, args);
        record(operation, answer, startedAt);
        setResult(answer);
        return;
      }
      record(operation, {}, startedAt);
      setResult(
        streams.follow(result, {
          prepare: (event) => finished(event, args),
          failed: (error) => ({ errors: [mask(error)] }),
          run: (work) => withRequestId(requestId, work),
        }),
      );
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
    onSubscribe: ({ args }) => ({ onSubscribeResult: settle(args) }),
  };
}

function outcomeOf(result: ExecutionResult): Outcome {
  if (!result.errors?.length) return 'ok';
  return result.data ? 'partial' : 'error';
}
