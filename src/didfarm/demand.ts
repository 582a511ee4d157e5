import type { Clock } from '../clock.ts';
import type { CallOptions, Priority, Spender } from './call-options.ts';
import { UpstreamCancelled, type UpstreamFailure, UpstreamTimedOut } from './errors.ts';

/** The order in which priorities are served. */
export const ranks: Readonly<Record<Priority, number>> = { act: 0, ask: 1, refresh: 2 };

/** What a timer can count, milliseconds: 24 days. A longer one would fire at once. */
const longestTimer = 2 ** 31 - 1;

/** One call and those who wait for its answer: it is as urgent as the most urgent of them, and ends when the last one leaves. */
export interface Demand {
  readonly call: string;
  readonly priority: Priority;
  /** Epoch milliseconds: the latest of its callers'. */
  readonly deadline: number;
  /** Whose ration it can be taken from: its callers', the first one first; undefined stands for the gateway itself. */
  readonly spenders: readonly (Spender | undefined)[];
  /** Aborted when nobody waits any more, with what the last one was told. */
  readonly signal: AbortSignal;
  /** What a caller is told whose deadline passes now. Set by whoever holds the call at the moment. */
  lateness: () => UpstreamFailure;
  /** Sends away the callers whose deadline is not after a time. */
  refuseUntil(time: number, failure: () => UpstreamFailure): void;
  /** Tells the first caller that a request went on the wire. */
  announceSent(): void;
}

export interface SharedDemand<T> extends Demand {
  /** One more caller. Rejects with an `UpstreamFailure` when the caller leaves or the call fails. */
  join(options: CallOptions): Promise<T>;
  /** What a caller is told that leaves of its own accord now. */
  departure(): UpstreamCancelled;
}

interface Caller {
  readonly options: CallOptions;
  leave(failure: UpstreamFailure): void;
}

/** A call that starts with its first caller. */
export function createDemand<T>(call: string, clock: Clock, perform: (demand: Demand) => Promise<T>): SharedDemand<T> {
  const callers = new Set<Caller>();
  const abandoned = new AbortController();
  let priority: Priority = 'refresh';
  let deadline = 0;
  let result: Promise<T> | undefined;

  const join = (options: CallOptions): Promise<T> => {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(new UpstreamCancelled(call, false));
    if (options.deadline <= clock.now()) return Promise.reject(new UpstreamTimedOut(call, false));
    if (ranks[options.priority] < ranks[priority]) priority = options.priority;
    deadline = Math.max(deadline, options.deadline);
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        callers.delete(caller);
        cancelDeadline();
        signal?.removeEventListener('abort', gone);
        finish();
      };
      const caller: Caller = {
        options,
        leave: (failure) =>
          settle(() => {
            reject(failure);
            if (callers.size === 0) abandoned.abort(failure);
          }),
      };
      const gone = () => caller.leave(demand.departure());
      const cancelDeadline = clock.after(Math.min(longestTimer, options.deadline - clock.now()), () =>
        caller.leave(demand.lateness()),
      );
      signal?.addEventListener('abort', gone, { once: true });
      callers.add(caller);
      result ??= perform(demand);
      result.then(
        (answer) => settle(() => resolve(answer)),
        (failure) => settle(() => reject(failure)),
      );
    });
  };

  const demand: SharedDemand<T> = {
    call,
    signal: abandoned.signal,
    get priority() {
      return priority;
    },
    get deadline() {
      return deadline;
    },
    get spenders() {
      return [...callers].map(({ options }) => options.spender);
    },
    lateness: () => new UpstreamTimedOut(call, false),
    refuseUntil(time, failure) {
      for (const caller of [...callers]) if (caller.options.deadline <= time) caller.leave(failure());
    },
    announceSent: () => callers.values().next().value?.options.onSent?.(),
    join,
    departure() {
      const late = demand.lateness();
      return new UpstreamCancelled(call, late instanceof UpstreamTimedOut && late.sent);
    },
  };
  return demand;
}
