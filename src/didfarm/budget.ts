import type { Cancel, Clock } from '../clock.ts';
import type { Priority, Spender } from './call-options.ts';
import { type Demand, ranks } from './demand.ts';
import { UpstreamRateLimited } from './errors.ts';
import type { RateLimitFacts } from './rate-limit-headers.ts';
import { createShares, type ShareState } from './shares.ts';
import { createSpentWindow, type Ledger, type Slot, slotMilliseconds } from './spent-window.ts';
import { createTurns, type Waiting } from './turns.ts';

/** The shares of the limit that a priority leaves to the more urgent ones. */
const reserved: Readonly<Record<Priority, number>> = { act: 0, ask: 0.05, refresh: 0.25 };
/** The share of the limit that the gateway's own refreshing has a turn for among the viewers who ask, so that they never end it. */
const backgroundShare = 0.05;
const longestPause = 60_000;
/** A sleep that ends early because the clock was set looks again, but not without end. */
const shortestRest = 100;

/** What the account may still send. Times are epoch milliseconds. */
export interface BudgetState {
  readonly limitPerMinute: number;
  /** Requests that may go now. */
  readonly remaining: number;
  readonly queued: number;
  /** When all of it is back; null where none is spent. */
  readonly resetsAt: number | null;
}

/** A place in the minute; how its request ended must be told. */
export interface Grant {
  /** The request is over; `refused`: with 429. */
  answered(facts: RateLimitFacts, refused: boolean): void;
  /** The request went on the wire and nothing came back. */
  lost(): void;
  unused(): void;
}

/**
 * Rations the account's requests: act before ask before refresh; within each one of each spender in turn, and each spender's own in
 * the order of arrival. Nobody has more sent than their part.
 */
export interface Budget {
  /**
   * A place for one request. Callers whose deadline cannot be met leave at once with {@link UpstreamRateLimited},
   * which says when it could be; once all have left it rejects with the demand's reason.
   */
  acquire(demand: Demand): Promise<Grant>;
  /** A demand that waits became more urgent, or got another caller. */
  reconsider(): void;
  state(): BudgetState;
  /** What one spender may still have sent. */
  share(spender: Spender): ShareState;
}

interface Waiter {
  readonly demand: Demand;
  readonly arrival: number;
  readonly grant: (spender: Spender | undefined) => void;
}

/** A waiter as it stands in the queue now: its callers come and go, and what they have left changes. */
interface Place extends Waiting {
  readonly waiter: Waiter;
  readonly priority: Priority;
  readonly spender: Spender | undefined;
}

/** Stands for the gateway's own calls among the spenders. No spender has an empty name. */
const gateway = '';

/** A budget of `limit` requests in any minute as DIDfarm counts it, retries and failures among them. */
export function createBudget(limit: number, clock: Clock, ledger?: Ledger): Budget {
  const waiters = new Set<Waiter>();
  let arrivals = 0;
  let paused: { readonly until: number; readonly cancel: Cancel } | undefined;
  let unexplained = 0;
  let resting: AbortController | undefined;

  const reserve = (priority: Priority) => Math.floor(window.limit() * reserved[priority]);
  const ordered = (): Place[] => {
    const { wait } = shares.foresee();
    let background = Math.floor(window.limit() * backgroundShare) - refreshing.releases().length;
    return turns.inOrder(
      [...waiters].map((waiter): Place => {
        const { demand, arrival } = waiter;
        const hasTurn = demand.priority === 'refresh' && background-- > 0;
        const priority = hasTurn ? 'ask' : demand.priority;
        const spender = payerOf(demand, wait);
        return { waiter, priority, spender, arrival, rank: ranks[priority], owner: spender?.name ?? gateway };
      }),
    );
  };
  const pauseLeft = () => (paused ? Math.max(0, paused.until - clock.now()) : 0);

  /** Walks the queue with the wait each will have at the best; one that leaves on the way takes no place. */
  const foresee = (visit: (demand: Demand, wait: number) => void): void => {
    const releases = window.releases();
    const foreseen = shares.foresee();
    let room = window.room();
    const accountWait = (priority: Priority) => {
      const missing = reserve(priority) + 1 - room;
      return Math.max(pauseLeft(), missing > 0 ? (releases[missing - 1] ?? slotMilliseconds) : 0);
    };
    for (const { waiter, priority, spender } of ordered()) {
      const account = accountWait(priority);
      const own = spender ? foreseen.wait(spender) : 0;
      const wait = Math.max(account, own);
      visit(waiter.demand, wait);
      if (waiter.demand.signal.aborted) continue;
      if (spender) foreseen.spend(spender, wait);
      // Who waits for a part of their own takes no place from those behind until then.
      if (own > account) continue;
      releases.push(wait + slotMilliseconds);
      room -= 1;
    }
  };
  const pump = () => {
    for (const place of ordered()) {
      const { waiter, priority, spender } = place;
      if (paused || window.room() <= reserve(priority)) break;
      if (spender && !shares.hasRoom(spender)) continue;
      waiters.delete(waiter);
      turns.served(place);
      waiter.grant(spender);
    }
    let soonest: number | undefined;
    foresee((demand, wait) => {
      demand.refuseUntil(clock.now() + wait, () => refusal(demand.call, wait));
      // Who need not wait for a place waits for a request of their own to end, which tells.
      if (!demand.signal.aborted && wait > 0) soonest = Math.min(soonest ?? wait, wait);
    });
    if (waiters.size === 0) turns.forget();
    rest(soonest);
  };
  const window = createSpentWindow(limit, clock, pump, ledger);
  const refreshing = createSpentWindow(limit, clock, pump);
  const shares = createShares(clock, pump);
  const turns = createTurns();

  /** Timers free the places; this sleep shows that somebody waits for one, so that the process stays up for it. */
  const rest = (milliseconds: number | undefined) => {
    resting?.abort();
    resting = milliseconds === undefined ? undefined : new AbortController();
    if (milliseconds === undefined) return;
    clock.sleep(Math.max(shortestRest, milliseconds), resting?.signal).then(pump, () => {});
  };

  const pause = (milliseconds: number) => {
    if (milliseconds <= pauseLeft()) return;
    paused?.cancel();
    const cancel = clock.after(milliseconds, () => {
      paused = undefined;
      pump();
    });
    paused = { until: clock.now() + milliseconds, cancel };
  };
  /** DIDfarm counted more than we did. Where it does not say for how long, it is asked ever more rarely. */
  const refused = (facts: RateLimitFacts) => {
    const told = facts.retryAfterMilliseconds ?? facts.resetsInMilliseconds;
    if (told === undefined) unexplained += 1;
    pause(told ?? Math.min(longestPause, 500 * 2 ** unexplained));
  };

  /** A place in the account's minute, and the same in whatever else the request counts for. */
  const grantOf = (slot: Slot, others: readonly Slot[]): Grant => ({
    answered(facts, wasRefused) {
      slot.settle(facts);
      for (const other of others) other.settle();
      if (wasRefused) refused(facts);
      else unexplained = 0;
      pump();
    },
    lost() {
      for (const one of [slot, ...others]) one.settle();
      pump();
    },
    unused() {
      for (const one of [...others, slot]) one.unused();
    },
  });

  return {
    acquire: (demand) =>
      new Promise((resolve, reject) => {
        if (demand.signal.aborted) return reject(demand.signal.reason);
        const left = () => {
          waiters.delete(waiter);
          reject(demand.signal.reason);
          if (waiters.size === 0) rest(undefined);
        };
        const waiter: Waiter = {
          demand,
          arrival: arrivals++,
          grant: (spender) => {
            demand.signal.removeEventListener('abort', left);
            const others = [
              ...(spender ? [shares.take(spender)] : []),
              ...(demand.priority === 'refresh' ? [refreshing.take()] : []),
            ];
            resolve(grantOf(window.take(), others));
          },
        };
        demand.signal.addEventListener('abort', left, { once: true });
        waiters.add(waiter);
        pump();
      }),
    reconsider: pump,
    share: shares.state,
    state() {
      const last = window.lastRelease();
      return {
        limitPerMinute: window.limit(),
        remaining: paused ? 0 : Math.max(0, window.room()),
        queued: waiters.size,
        resetsAt: last === null && !paused ? null : clock.now() + Math.max(last ?? 0, pauseLeft()),
      };
    },
  };
}

/** Of several callers the one pays who can soonest. */
function payerOf({ spenders }: Demand, waitOf: (spender: Spender) => number): Spender | undefined {
  const waits = spenders.map((spender) => (spender ? waitOf(spender) : 0));
  return spenders[waits.indexOf(Math.min(...waits))];
}

function refusal(call: string, wait: number): UpstreamRateLimited {
  return new UpstreamRateLimited(call, 'the account has no request left in time', { retryAfterMilliseconds: wait });
}
