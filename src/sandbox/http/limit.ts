import type { Variants } from '../variants.ts';

/** What the throttle made of a call. `resetsAt` is epoch ms. */
export interface Throttled {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetsAt: number;
  readonly now: number;
}

/** Counts calls an account and minute. Refused calls do not count, as in Laravel's throttle. */
export interface Limiter {
  take(account: string, now: number, window: Variants['rateLimitWindow']): Throttled | undefined;
  /** Calls a minute; null lifts the limit. */
  set(limit: number | null): void;
}

const minute = 60_000;

export function createLimiter(initial: number | null): Limiter {
  let limit = initial;
  const hits = new Map<string, readonly number[]>();

  /** A fixed window opens with its first hit and closes for all of its hits at once; a sliding one lets go of each. */
  const inWindow = (times: readonly number[], now: number, window: Variants['rateLimitWindow']) => {
    if (window === 'sliding') return times.filter((time) => time > now - minute);
    return (times[0] ?? now) > now - minute ? times : [];
  };

  return {
    take(account, now, window) {
      if (limit === null) return undefined;
      const times = inWindow(hits.get(account) ?? [], now, window);
      const allowed = times.length < limit;
      const counted = allowed ? [...times, now] : times;
      hits.set(account, counted);
      const resetsAt = (counted[0] ?? now) + minute;
      return { allowed, limit, remaining: limit - counted.length, resetsAt, now };
    },
    set: (next) => {
      limit = next;
    },
  };
}

/** The throttle's headers as the variants have them. Reset is in epoch seconds. */
export function limitHeaders(throttled: Throttled, variants: Variants): Record<string, string> {
  const { allowed, limit, remaining, resetsAt, now } = throttled;
  const form = variants.rateLimitHeaders;
  const headers: Record<string, string> = {};
  if (form !== 'absent') {
    headers['x-ratelimit-limit'] = String(limit);
    headers['x-ratelimit-remaining'] = String(remaining);
    if (form === 'all' || !allowed) headers['x-ratelimit-reset'] = String(Math.ceil(resetsAt / 1000));
  }
  if (!allowed && variants.retryAfter === 'seconds')
    headers['retry-after'] = String(Math.ceil((resetsAt - now) / 1000));
  if (!allowed && variants.retryAfter === 'date') {
    headers['retry-after'] = new Date(Math.ceil(resetsAt / 1000) * 1000).toUTCString();
  }
  return headers;
}
