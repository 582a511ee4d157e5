import { expect, test } from 'vitest';
import { createZipf } from '../../../bench/load/zipf.ts';

test('the n-th of a thousand is drawn about 1/n times as often as the first, and none beyond the last', () => {
  const draw = createZipf(1_000);
  const counts = new Array<number>(1_000).fill(0);
  for (let drawn = 0; drawn < 200_000; drawn++) {
    const place = draw();
    counts[place] = (counts[place] ?? 0) + 1;
  }

  const [first = 0, second = 0, , , fifth = 0] = counts;
  expect(counts).toHaveLength(1_000);
  expect(first / second).toBeCloseTo(2, 0);
  expect(first / fifth).toBeGreaterThan(4);
  expect(first / fifth).toBeLessThan(6);
});

test('the same seed draws the same', () => {
  const [one, same, other] = [createZipf(100, 1), createZipf(100, 1), createZipf(100, 2)];
  const draws = (draw: () => number) => Array.from({ length: 20 }, draw);

  const first = draws(one);
  expect(draws(same)).toEqual(first);
  expect(draws(other)).not.toEqual(first);
});
