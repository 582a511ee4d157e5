import { expect, test } from 'vitest';
import { readRateLimitHeaders } from '../../src/didfarm/rate-limit-headers.ts';

const now = Date.parse('2026-04-05T12:00:00Z');

test('all of them are read', () => {
  const headers = {
    'x-ratelimit-limit': '60',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(now / 1000 + 12),
    'retry-after': '7',
  };
  expect(readRateLimitHeaders(headers, now)).toEqual({
    limit: 60,
    remaining: 0,
    resetsInMilliseconds: 12_000,
    retryAfterMilliseconds: 7_000,
  });
});

test.each([
  ['missing', {}],
  [
    'nonsense',
    { 'x-ratelimit-limit': '-1', 'x-ratelimit-remaining': 'many', 'x-ratelimit-reset': '', 'retry-after': 'soon' },
  ],
  ['a limit of nothing and a reset that has passed', { 'x-ratelimit-limit': '0', 'x-ratelimit-reset': '37' }],
])('%s says nothing', (_, headers) => {
  expect(Object.values(readRateLimitHeaders(headers, now)).every((value) => value === undefined)).toBe(true);
});

test('Retry-After may be a date, and one that has passed means now', () => {
  const at = (time: number) => readRateLimitHeaders({ 'retry-after': new Date(time).toUTCString() }, now);
  expect(at(now + 30_000).retryAfterMilliseconds).toBe(30_000);
  expect(at(now - 30_000).retryAfterMilliseconds).toBe(0);
});

test('a span beyond an hour is an hour, however it is written', () => {
  const weeks = 3_000_000;
  const headers = (retryAfter: string) => ({
    'retry-after': retryAfter,
    'x-ratelimit-reset': String(now / 1000 + weeks),
  });
  const date = new Date(now + weeks * 1000).toUTCString();
  for (const facts of [headers(String(weeks)), headers(date)].map((each) => readRateLimitHeaders(each, now)))
    expect(facts).toMatchObject({ retryAfterMilliseconds: 3_600_000, resetsInMilliseconds: 3_600_000 });
});
