import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { failedAgain, freshnessOf, mayTryAgain, widenedFresh } from '../../src/cache/freshness.ts';

const policy = { resource: 'wallet', fresh: 20_000, bound: 60_000 };
const budget = (remaining: number) => ({ limitPerMinute: 60, remaining });

describe('the fresh window', () => {
  test.each([
    [60, 20_000],
    [30, 20_000],
    [15, 40_000],
    [0, 60_000],
  ])('with %i of 60 calls left is %i ms', (remaining, milliseconds) => {
    expect(widenedFresh(policy, budget(remaining))).toBe(milliseconds);
  });

  property.prop([fc.integer({ min: 0, max: 59 }), fc.nat(), fc.nat()])(
    'never shrinks as the budget drains, and never leaves its bounds',
    (remaining, fresh, more) => {
      const wide = { resource: 'any', fresh, bound: fresh + more };
      const [less, enough] = [widenedFresh(wide, budget(remaining)), widenedFresh(wide, budget(remaining + 1))];
      expect(less).toBeGreaterThanOrEqual(enough);
      expect(enough).toBeGreaterThanOrEqual(fresh);
      expect(less).toBeLessThanOrEqual(fresh + more);
    },
  );

  test('is at its widest where no budget is known', () => {
    expect(widenedFresh(policy, { limitPerMinute: 0, remaining: 0 })).toBe(60_000);
  });
});

describe('a snapshot', () => {
  const at = (age: number, due = false) => freshnessOf({ asOf: 1_000_000 - age, due }, policy, 1_000_000);

  test.each([
    [0, 'fresh'],
    [19_999, 'fresh'],
    [20_000, 'due'],
    [60_000, 'due'],
    [60_001, 'expired'],
    [-1, 'expired'],
  ])('of %i ms is %s', (age, freshness) => {
    expect(at(age)).toBe(freshness);
  });

  test('that is known to be out of date has expired whatever its age', () => {
    expect(at(0, true)).toBe('expired');
  });
});

describe('after a failed refresh', () => {
  const fail = (count: number, error: unknown = new Error('no')) =>
    Array.from({ length: count }).reduce<ReturnType<typeof failedAgain> | null>(
      (previous) => failedAgain(previous, policy, error, 0),
      null,
    );

  test('the wait doubles up to the bound', () => {
    expect([1, 2, 3, 4].map((count) => fail(count)?.wait)).toEqual([20_000, 40_000, 60_000, 60_000]);
  });

  test('a longer wait that DIDfarm asks for is kept', () => {
    expect(fail(1, Object.assign(new Error('slow down'), { retryAfterMilliseconds: 90_000 }))?.wait).toBe(90_000);
    expect(fail(1, Object.assign(new Error('slow down'), { retryAfterMilliseconds: Number.NaN }))?.wait).toBe(20_000);
  });

  test('nothing is tried before the wait is over, unless the clock was put back', () => {
    const failure = { at: 1_000, wait: 500, count: 1 };
    expect([1_000, 1_499, 1_500, 999].map((now) => mayTryAgain(failure, now))).toEqual([false, false, true, true]);
    expect(mayTryAgain(null, 0)).toBe(true);
  });
});
