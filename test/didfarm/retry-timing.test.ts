import { describe, expect, test } from 'vitest';
import {
  UpstreamBadResponse,
  UpstreamBreakerOpen,
  UpstreamCancelled,
  type UpstreamFailure,
  UpstreamInvalidKey,
  UpstreamRateLimited,
  UpstreamServerError,
  UpstreamTimedOut,
  UpstreamUnreachable,
  UpstreamValidation,
} from '../../src/didfarm/errors.ts';
import { retryDelay } from '../../src/didfarm/retry-timing.ts';

const call = 'GET /x';
const first = { attempt: 1, changes: false, random: 0.5 };

describe('whether a failed call is repeated', () => {
  test.each<[string, UpstreamFailure, boolean, boolean]>([
    ['5xx', new UpstreamServerError(call, '', { status: 500 }), true, false],
    ['429', new UpstreamRateLimited(call, '', { status: 429 }), true, true],
    ['a connection never made', new UpstreamUnreachable(call, false, undefined), true, true],
    ['a connection that broke', new UpstreamUnreachable(call, true, undefined), true, false],
    ['silence', new UpstreamTimedOut(call, true), true, false],
    ['a time-out before sending', new UpstreamTimedOut(call, false), true, true],
    ['401', new UpstreamInvalidKey(call, ''), false, false],
    ['422', new UpstreamValidation(call, ''), false, false],
    ['a strange answer', new UpstreamBadResponse(call, '', ''), false, false],
    ['an open breaker', new UpstreamBreakerOpen(call, 5), false, false],
    ['a caller that is gone', new UpstreamCancelled(call, false), false, false],
  ])('after %s', (_, failure, reading, changing) => {
    expect(retryDelay({ ...first, failure }) !== undefined).toBe(reading);
    expect(retryDelay({ ...first, failure, changes: true }) !== undefined).toBe(changing);
  });

  test('four times in all', () => {
    const failure = new UpstreamServerError(call, '');
    const delays = [1, 2, 3, 4].map((attempt) => retryDelay({ ...first, attempt, failure }));
    expect(delays).toEqual([300, 600, 1_200, undefined]);
  });
});

describe('how long it waits', () => {
  test('anything from nothing to the whole of a span that doubles', () => {
    const failure = new UpstreamServerError(call, '');
    expect(retryDelay({ ...first, random: 0, failure })).toBe(0);
    expect(retryDelay({ ...first, random: 0.999, failure })).toBeCloseTo(599.4);
    expect(retryDelay({ ...first, attempt: 3, random: 0.999, failure })).toBeCloseTo(2_397.6);
  });

  test('never less than DIDfarm asked for', () => {
    const failure = new UpstreamRateLimited(call, '', { status: 429, retryAfterMilliseconds: 9_000 });
    expect(retryDelay({ ...first, failure })).toBe(9_000);
    const soon = new UpstreamRateLimited(call, '', { status: 429, retryAfterMilliseconds: 10 });
    expect(retryDelay({ ...first, failure: soon })).toBe(300);
  });
});
