import type { Clock } from '../clock.ts';
import type { Breaker, Permit } from './breaker.ts';
import type { Budget, Grant } from './budget.ts';
import type { Demand } from './demand.ts';
import { UpstreamBreakerOpen, UpstreamFailure, UpstreamTimedOut, UpstreamUnreachable } from './errors.ts';
import { readRateLimitHeaders } from './rate-limit-headers.ts';
import { failureFrom } from './refusal.ts';
import { retryDelay } from './retry-timing.ts';
import type { Transport, WireAnswer, WireRequest } from './transport.ts';

/** A request, and what of it must never be repeated in an error. */
export interface Sending {
  readonly request: WireRequest;
  readonly secrets: readonly string[];
}

export interface AttemptsOptions {
  readonly transport: Transport;
  readonly budget: Budget;
  readonly breaker: Breaker;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Sends a request until it succeeds, may not be repeated or cannot be in time. Resolves with a 2xx answer. */
export type Attempts = (sending: Sending, demand: Demand) => Promise<WireAnswer>;

export function createAttempts({ transport, budget, breaker, clock, random }: AttemptsOptions): Attempts {
  /** A place in the budget and the breaker's leave, in this order: a probe must not wait in a queue. */
  const admit = async (demand: Demand): Promise<{ grant: Grant; permit: Permit }> => {
    breaker.check(demand.call);
    const grant = await budget.acquire(demand);
    try {
      return { grant, permit: breaker.enter(demand.call) };
    } catch (open) {
      grant.unused();
      throw open;
    }
  };

  const once = async ({ request, secrets }: Sending, demand: Demand): Promise<WireAnswer> => {
    const { grant, permit } = await admit(demand);
    let sent = false;
    demand.lateness = () => new UpstreamTimedOut(demand.call, sent);
    const answer = await transport
      .send(request, demand.signal, () => {
        sent = true;
        demand.announceSent();
      })
      .catch((fault) => {
        if (sent) grant.lost();
        else grant.unused();
        if (countsAgainst(fault)) permit.failed();
        else permit.withdrawn();
        throw fault;
      });
    const facts = readRateLimitHeaders(answer.headers, clock.now());
    grant.answered(facts, answer.status === 429);
    if (answer.status >= 500) permit.failed();
    else permit.succeeded();
    if (answer.status >= 200 && answer.status < 300) return answer;
    const { retryAfterMilliseconds } = facts;
    throw failureFrom({ call: demand.call, status: answer.status, text: answer.text, retryAfterMilliseconds, secrets });
  };

  /** Milliseconds until the call may be tried again; undefined where it may not, or not in time for any of its callers. */
  const delayAfter = (failure: unknown, attempt: number, sending: Sending, demand: Demand): number | undefined => {
    if (demand.signal.aborted || !(failure instanceof UpstreamFailure)) return undefined;
    const delay = retryDelay({ failure, attempt, changes: sending.request.method !== 'GET', random: random() });
    return delay !== undefined && clock.now() + delay < demand.deadline ? delay : undefined;
  };

  const from = async (attempt: number, sending: Sending, demand: Demand): Promise<WireAnswer> => {
    try {
      return await once(sending, demand);
    } catch (failure) {
      const delay = delayAfter(failure, attempt, sending, demand);
      if (delay === undefined || !(failure instanceof UpstreamFailure)) throw failure;
      demand.lateness = () => failure;
      await clock.sleep(delay, demand.signal);
      return from(attempt + 1, sending, demand).catch((next) => {
        // The breaker opened meanwhile: what made it open says more.
        throw next instanceof UpstreamBreakerOpen ? failure : next;
      });
    }
  };

  return (sending, demand) => from(1, sending, demand);
}

/** Silence and breakage speak against DIDfarm; a caller that left does not. */
function countsAgainst(fault: unknown): boolean {
  return fault instanceof UpstreamTimedOut || fault instanceof UpstreamUnreachable;
}
