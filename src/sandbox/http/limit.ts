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

/** Creates a throttle of so many calls a minute; null: none. */
export function createLimiter(initial: number | null): Limiter {
  let limit = initial;
  const hits = new Map<string, number[]>();

  /** A fixed window opens with its first hit and closes for all of its hits at once; a sliding one lets go of each. */
  const hitsInWindow = (account: string, now: number, window: Variants['rateLimitWindow']): number[] => {
    const times = hits.get(account) ?? [];
    const isOver = (time: number | undefined) => time !== undefined && time <= now - minute;
    if (window === 'fixed' && isOver(times[0])) times.length = 0;
    while (isOver(times[0])) times.shift();
    hits.set(account, times);
    return times;
  };

  return {
    take(account, now, window) {
      if (limit === null) return undefined;
      const times = hitsInWindow(account, now, window);
      const allowed = times.length < limit;
      if (allowed) times.push(now);
      const resetsAt = (times[0] ?? now) + minute;
      return { allowed, limit, remaining: Math.max(0, limit - times.length), resetsAt, now };
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
