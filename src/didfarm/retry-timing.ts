import {
  type UpstreamFailure,
  UpstreamRateLimited,
  UpstreamServerError,
  UpstreamTimedOut,
  UpstreamUnreachable,
} from './errors.ts';

const attempts = 4;
const baseMilliseconds = 300;
const longestMilliseconds = 10_000;

/** An attempt that failed. `attempt` counts from 1; `changes`: the call changes something upstream; `random` is in [0, 1). */
export interface FailedAttempt {
  readonly failure: UpstreamFailure;
  readonly attempt: number;
  readonly changes: boolean;
  readonly random: number;
}

/** Milliseconds until the next attempt, or undefined where there must be none. Full jitter, never before `Retry-After`. */
export function retryDelay({ failure, attempt, changes, random }: FailedAttempt): number | undefined {
  if (attempt >= attempts || !(changes ? surelyNotProcessed(failure) : mayPass(failure))) return undefined;
  const backoff = random * Math.min(longestMilliseconds, baseMilliseconds * 2 ** attempt);
  return Math.max(backoff, failure.retryAfterMilliseconds ?? 0);
}

function mayPass(failure: UpstreamFailure): boolean {
  return [UpstreamServerError, UpstreamUnreachable, UpstreamTimedOut, UpstreamRateLimited].some(
    (kind) => failure instanceof kind,
  );
}

/** Repeating a call that changes something is safe only where DIDfarm cannot have begun it. */
function surelyNotProcessed(failure: UpstreamFailure): boolean {
  if (failure instanceof UpstreamRateLimited) return true;
  return (failure instanceof UpstreamUnreachable || failure instanceof UpstreamTimedOut) && !failure.sent;
}
