import type { Cancel, Clock } from '../clock.ts';
import type { Priority } from './call-options.ts';
import { type Demand, ranks } from './demand.ts';
import { UpstreamRateLimited } from './errors.ts';
import type { RateLimitFacts } from './rate-limit-headers.ts';
import { createSpentWindow, type Ledger, type Slot, slotMilliseconds } from './spent-window.ts';

/** The shares of the limit that a priority leaves to the more urgent ones. */
const reserved: Readonly<Record<Priority, number>> = { act: 0, ask: 0.05, refresh: 0.25 };
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

/** Rations the account's requests: act before ask before refresh, in the order of arrival within each. */
export interface Budget {
  /**
   * A place for one request. Callers whose deadline cannot be met leave at once with {@link UpstreamRateLimited},
   * which says when it could be; once all have left it rejects with the demand's reason.
   */
  acquire(demand: Demand): Promise<Grant>;
  /** A demand that waits became more urgent, or got another caller. */
  reconsider(): void;
  state(): BudgetState;
}

interface Waiter {
  readonly demand: Demand;
  readonly arrival: number;
  readonly grant: () => void;
}

/** A budget of `limit` requests in any minute as DIDfarm counts it, retries and failures among them. */
export function createBudget(limit: number, clock: Clock, ledger?: Ledger): Budget {
  const waiters = new Set<Waiter>();
  let arrivals = 0;
  let paused: { readonly until: number; readonly cancel: Cancel } | undefined;
  let unexplained = 0;
  let resting: AbortController | undefined;

  const reserve = (priority: Priority) => Math.floor(window.limit() * reserved[priority]);
  const ordered = () =>
    [...waiters].sort((a, b) => ranks[a.demand.priority] - ranks[b.demand.priority] || a.arrival - b.arrival);
  const pauseLeft = () => (paused ? Math.max(0, paused.until - clock.now()) : 0);

  /** Walks the queue with the wait each will have at the best; one that leaves on the way takes no place. */
  const foresee = (visit: (demand: Demand, wait: number) => void): void => {
    const releases = window.releases();
    let room = window.room();
    for (const { demand } of ordered()) {
      const missing = reserve(demand.priority) + 1 - room;
      const wait = Math.max(pauseLeft(), missing > 0 ? (releases[missing - 1] ?? slotMilliseconds) : 0);
      visit(demand, wait);
      if (demand.signal.aborted) continue;
      releases.push(wait + slotMilliseconds);
      room -= 1;
    }
  };
  const pump = () => {
    for (const waiter of ordered()) {
      if (paused || window.room() <= reserve(waiter.demand.priority)) break;
      waiters.delete(waiter);
      waiter.grant();
    }
    let soonest: number | undefined;
    foresee((demand, wait) => {
      demand.refuseUntil(clock.now() + wait, () => refusal(demand.call, wait));
      if (!demand.signal.aborted) soonest ??= wait;
    });
    rest(soonest);
  };
  const window = createSpentWindow(limit, clock, pump, ledger);

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

  const grantOf = (slot: Slot): Grant => ({
    answered(facts, wasRefused) {
      slot.settle(facts);
      if (wasRefused) refused(facts);
      else unexplained = 0;
      pump();
    },
    lost: () => slot.settle(),
    unused: () => slot.unused(),
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
          grant: () => {
            demand.signal.removeEventListener('abort', left);
            resolve(grantOf(window.take()));
          },
        };
        demand.signal.addEventListener('abort', left, { once: true });
        waiters.add(waiter);
        pump();
      }),
    reconsider: pump,
    state() {
      const last = window.releases().at(-1);
      return {
        limitPerMinute: window.limit(),
        remaining: paused ? 0 : Math.max(0, window.room()),
        queued: waiters.size,
        resetsAt: last === undefined && !paused ? null : clock.now() + Math.max(last ?? 0, pauseLeft()),
      };
    },
  };
}

function refusal(call: string, wait: number): UpstreamRateLimited {
  return new UpstreamRateLimited(call, 'the account has no request left in time', { retryAfterMilliseconds: wait });
}
