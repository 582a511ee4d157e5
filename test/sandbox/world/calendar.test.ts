import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addMonths, fromMonths, toMonths } from '../../../src/sandbox/world/calendar.ts';

test.each([
  ['2026-01-31T10:00:00Z', 1, '2026-02-28T10:00:00Z'],
  ['2026-01-31T10:00:00Z', 2, '2026-03-31T10:00:00Z'],
  ['2028-01-30T23:59:59Z', 1, '2028-02-29T23:59:59Z'],
  ['2026-11-05T00:00:00Z', 3, '2027-02-05T00:00:00Z'],
])('%s and %i months are %s', (from, months, to) => {
  expect(new Date(addMonths(Date.parse(from), months)).toISOString()).toBe(new Date(to).toISOString());
});

test('the line of months never runs back, and leads back to the second up to day 28', () => {
  const times = fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2040-01-01') });
  fc.assert(
    fc.property(times, times, (a, b) => {
      expect(toMonths(Math.min(a, b))).toBeLessThanOrEqual(toMonths(Math.max(a, b)));
      if (new Date(a).getUTCDate() <= 28) expect(Math.abs(fromMonths(toMonths(a)) - a)).toBeLessThanOrEqual(3000);
      expect(fromMonths(toMonths(a))).toBeLessThanOrEqual(a);
    }),
  );
});
