import type { IncomingHttpHeaders } from 'node:http';

/** However long DIDfarm asks to be left alone: a slip there must not silence the gateway for weeks. */
const longestWait = 60 * 60_000;

/** What an answer says about the account's limit. What it leaves out is undefined; spans are milliseconds from now. */
export interface RateLimitFacts {
  readonly limit?: number | undefined;
  readonly remaining?: number | undefined;
  readonly resetsInMilliseconds?: number | undefined;
  readonly retryAfterMilliseconds?: number | undefined;
}

/** Reads `X-RateLimit-*` (reset in epoch seconds) and `Retry-After` (seconds or an HTTP date). Nonsense counts as missing, a span beyond an hour as an hour. */
export function readRateLimitHeaders(headers: IncomingHttpHeaders, now: number): RateLimitFacts {
  const reset = whole(headers['x-ratelimit-reset']);
  return {
    limit: whole(headers['x-ratelimit-limit']) || undefined,
    remaining: whole(headers['x-ratelimit-remaining']),
    resetsInMilliseconds: reset === undefined ? undefined : spanUntil(reset * 1000, now),
    retryAfterMilliseconds: readRetryAfter(headers['retry-after'], now),
  };
}

function readRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = whole(value);
  if (seconds !== undefined) return Math.min(longestWait, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.min(longestWait, Math.max(0, date - now));
}

/** A time that has passed says nothing about what is still to come: the other side's clock runs differently. */
function spanUntil(time: number, now: number): number | undefined {
  return time > now ? Math.min(longestWait, time - now) : undefined;
}

function whole(value: string | string[] | undefined): number | undefined {
  return typeof value === 'string' && /^\s*\d{1,12}\s*$/.test(value) ? Number(value) : undefined;
}
