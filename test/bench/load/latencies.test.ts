import { expect, test } from 'vitest';
import { latenciesOf } from '../../../bench/load/latencies.ts';

test('so many of a hundred answers took no longer', () => {
  const times = Array.from({ length: 1_000 }, (_, place) => 1_000 - place);

  expect(latenciesOf(times)).toEqual({ p50: 500, p99: 990, p999: 999, slowest: 1_000 });
});

test('one answer is the typical one and the slowest', () => {
  expect(latenciesOf([7])).toEqual({ p50: 7, p99: 7, p999: 7, slowest: 7 });
});
