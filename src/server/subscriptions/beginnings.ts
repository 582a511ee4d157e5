import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { Place } from '../../graph/place.ts';
import type { Metrics } from '../metrics.ts';
import { withRequestId } from '../request-id.ts';
import { type Channel, createChannel } from './channel.ts';
import { createExecution, type Execution } from './execution.ts';
import { channelKey } from './key.ts';
import type { LiveOptions } from './live-options.ts';
import type { Beginning } from './live-stream.ts';

type Results = ExecutionResult | AsyncIterable<ExecutionResult>;

/** Yoga's own subscribe, with every plugin in it. */
export type Subscribe = (args: ExecutionArgs) => Results | Promise<Results>;

/** An operation without its caller: what one execution has in common with another. */
export interface Operation {
  readonly asked: Omit<ExecutionArgs, 'contextValue'>;
  readonly subscribe: Subscribe;
  readonly requestId: string;
}

/** Runs subscriptions: for their callers until each has read the log to its end, and from there once for all who ask the same. */
export interface Beginnings<C> {
  /** A caller's own execution, after that place or from where the arguments say; a result alone where it is refused. */
  begin(operation: Operation, caller: C, resume: number | null): Promise<Beginning | ExecutionResult>;
}

export interface BeginningsOptions<C extends object> {
  readonly live: LiveOptions<C>;
  /** Masks the errors of a result, as far as the viewer of the context is told of them, and adds its extensions. */
  readonly finish: (result: ExecutionResult, context: C) => ExecutionResult;
  readonly mask: (error: unknown) => GraphQLError;
  readonly newRequestId: () => string;
  readonly metrics: Metrics;
}

export function createBeginnings<C extends object>(options: BeginningsOptions<C>): Beginnings<C> {
  const { live, finish, mask, newRequestId, metrics } = options;
  const channels = new Map<string, Channel>();

  const execute = async (
    { asked, subscribe, requestId }: Operation,
    context: C,
    place: Place,
  ): Promise<Execution | ExecutionResult> => {
    const source = await withRequestId(requestId, async () => subscribe({ ...asked, contextValue: context }));
    if (!isAsyncIterable(source)) return finish(source, context);
    const phase = place.atEnd === 'wait' ? 'shared' : 'own';
    return createExecution({
      source,
      place,
      requestId,
      cursorOf: (seq) => live.cursor(context, seq),
      finish(result) {
        metrics.subscriptionExecution(phase);
        return finish(result, context);
      },
    });
  };
  const failureOf =
    (requestId: string, context: C) =>
    (error: unknown): ExecutionResult =>
      withRequestId(requestId, () => finish({ errors: [mask(error)] }, context));

  /** Holds nothing of the caller who happens to be the first. */
  const openChannel = (key: string, { asked, subscribe }: Operation, caller: C, begin: number): Channel => {
    const place: Place = { seq: begin, resume: begin, atEnd: 'wait' };
    const requestId = newRequestId();
    const left = new AbortController();
    const context = live.fork(caller, place, left.signal);
    const channel = createChannel({
      begin,
      left,
      execute: () => execute({ asked, subscribe, requestId }, context, place),
      failure: failureOf(requestId, context),
      cursorOf: (seq) => live.cursor(context, seq),
      ended() {
        if (channels.get(key) === channel) channels.delete(key);
      },
    });
    channels.set(key, channel);
    return channel;
  };

  const begin: Beginnings<C>['begin'] = async (operation, caller, resume) => {
    const place: Place = { seq: resume, resume, atEnd: 'leave' };
    const execution = await execute(operation, live.fork(caller, place), place);
    if (!('next' in execution)) return execution;
    return {
      execution,
      failure: failureOf(operation.requestId, caller),
      join(subscriber, after) {
        const key = channelKey(live.audience(caller), operation.asked);
        const channel = channels.get(key) ?? openChannel(key, operation, caller, after);
        return channel.attach(subscriber, after) ? channel : null;
      },
      again: (after) => begin(operation, caller, after),
    };
  };
  return { begin };
}
