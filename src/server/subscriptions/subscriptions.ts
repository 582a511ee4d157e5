import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../log.ts';
import { currentRequestId } from '../request-id.ts';
import { createAdmissions } from './admissions.ts';
import { type BeginningsOptions, createBeginnings, type Subscribe } from './beginnings.ts';
import { declaredVariables } from './key.ts';
import { createLimits } from './limits.ts';
import { type Beginning, createLiveStream, type EndableStream } from './live-stream.ts';
import type { EndingCode, LiveStream } from './stream.ts';

/** The running subscriptions of all transports. */
export interface Subscriptions {
  /** Begins one, after a cursor where one is given; a result alone where it is refused. Never rejects. */
  open(args: ExecutionArgs, subscribe: Subscribe, after: string | null): Promise<LiveStream | ExecutionResult>;
  /** All of them, or those of one account. */
  count(account?: string): number;
  /** Asks of each at once whether its viewer is still let in. */
  recheck(): void;
  /** Ends every subscription with its cursor and a time to come back, and refuses new ones. */
  drain(): void;
}

interface SubscriptionsOptions<C extends object> extends BeginningsOptions<C> {
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long the returns of those who are sent away are spread over: so long for each, and at most, in milliseconds. */
const spreadEach = 3;
const spreadAtMost = 30_000;
/** Nobody is asked back sooner, in milliseconds. */
const soonest = 1_000;

export function createSubscriptions<C extends object>(options: SubscriptionsOptions<C>): Subscriptions {
  const { live, mask, metrics, newRequestId, clock, log } = options;
  const beginnings = createBeginnings(options);
  const limits = createLimits(live.limits);
  const admissions = createAdmissions(clock, log);
  /** With the account that each is of. */
  const streams = new Map<EndableStream, string>();
  /** How many were sent away at once; null while none are. */
  let drained: number | null = null;

  const comeBack = (count: number) => Math.round(soonest + live.random() * Math.min(spreadAtMost, count * spreadEach));
  const retryAfter = (code: EndingCode) => (code === 'FORBIDDEN' ? null : comeBack(streams.size));

  const refuseWhileDraining = () => {
    if (drained !== null) throw goingAway(comeBack(drained));
  };
  /** @param leave gives its room back. */
  const follow = (beginning: Beginning, resume: number | null, caller: C, leave: () => void): LiveStream => {
    if (drained !== null) beginning.execution.leave();
    refuseWhileDraining();
    const stream = createLiveStream({
      beginning,
      resume,
      retryAfter,
      over(code) {
        if (code !== null) metrics.subscriptionEnded(code);
        streams.delete(stream);
        unwatch();
        leave();
      },
    });
    const unwatch = admissions.watch(live.admission(caller), () => stream.end('FORBIDDEN'));
    streams.set(stream, live.account(caller));
    return stream;
  };

  return {
    async open({ contextValue, ...asked }, subscribe, after) {
      // The context was made by `createContext`; Yoga's types have lost that.
      const caller = contextValue as C;
      let leave: () => void = () => undefined;
      try {
        refuseWhileDraining();
        leave = limits.enter(live.viewer(caller));
        const resume = after === null ? null : await live.seqOf(caller, after);
        const own = { ...asked, variableValues: declaredVariables(asked) };
        const operation = { asked: own, subscribe, requestId: currentRequestId() ?? newRequestId() };
        const beginning = await beginnings.begin(operation, caller, resume);
        if ('execution' in beginning) return follow(beginning, resume, caller, leave);
        leave();
        return beginning;
      } catch (error) {
        leave();
        return { errors: [mask(error)] };
      }
    },
    count: (account) =>
      account === undefined ? streams.size : [...streams.values()].filter((each) => each === account).length,
    recheck: () => admissions.ask(),
    drain() {
      drained = streams.size;
      for (const stream of [...streams.keys()]) stream.end('GOING_AWAY', comeBack(drained));
    },
  };
}

function goingAway(retryAfter: number): GraphQLError {
  const http = { status: 503, headers: { 'retry-after': `${Math.ceil(retryAfter / 1000)}` } };
  return new GraphQLError(
    'The gateway is being restarted. Subscribe again when `retryAfter` milliseconds have passed.',
    {
      extensions: { code: 'GOING_AWAY', retryAfter, http },
    },
  );
}
