import type { IncomingMessage } from 'node:http';
import { ApiError } from '../api-error.ts';
import type { SandboxClock } from '../clock.ts';
import type { VariantSwitches } from '../variants.ts';
import type { Account } from '../world/account.ts';
import { createAuthentication } from './authentication.ts';
import { type Limiter, limitHeaders } from './limit.ts';
import { jsonReply, loginRedirect, type Reply } from './reply.ts';
import type { Sessions } from './sessions.ts';
import { createWire } from './wire.ts';

/** A caller that may go on, with the throttle's headers for its answer; or the answer that refuses it. */
export type Admission =
  | { readonly account: Account; readonly headers: Reply['headers'] }
  | { readonly account: undefined; readonly refusal: Reply };

/** What decides whether a call goes on. */
export interface AdmissionParts {
  readonly accounts: readonly Account[];
  readonly sessions: Sessions;
  readonly clock: SandboxClock;
  readonly variants: VariantSwitches;
  readonly limiter: Limiter;
}

/** Authenticates, then counts against the account's limit. */
export function createAdmission(parts: AdmissionParts): (request: IncomingMessage, origin: string) => Admission {
  const { clock, variants, limiter } = parts;
  const authenticate = createAuthentication(parts.accounts, parts.sessions);

  const errorReply = (error: ApiError, headers: Reply['headers'] = {}): Reply =>
    jsonReply(error.status, createWire(variants.current()).error(error), headers);

  const throttle = (account: Account): Admission => {
    const throttled = limiter.take(account.plan.apiKey, clock.now(), variants.current().rateLimitWindow);
    const headers = throttled ? limitHeaders(throttled, variants.current()) : {};
    if (throttled?.allowed ?? true) return { account, headers };
    const error = new ApiError(429, 'rate_limit_exceeded', 'Too Many Attempts.');
    return { account: undefined, refusal: errorReply(error, headers) };
  };

  return (request, origin) => {
    const { method = 'GET', headers } = request;
    try {
      return throttle(authenticate(method, headers));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const asksForJson = headers.accept?.includes('json') ?? false;
      const guest = error.status === 401 && !asksForJson;
      return { account: undefined, refusal: guest ? loginRedirect(origin) : errorReply(error) };
    }
  };
}
