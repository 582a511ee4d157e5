import { expect, test } from 'vitest';
import { createPayload } from '../../../src/server/subscriptions/payload.ts';
import { createRing } from '../../../src/server/subscriptions/ring.ts';

function ringOf(begin: number, seqs: readonly number[]) {
  const ring = createRing(3, begin);
  for (const seq of seqs) ring.keep(createPayload({}, { seq }));
  return (after: number) => ring.after(after)?.map(({ seq }) => seq) ?? null;
}

test('gives what came after a place, and nothing where it does not have all of it', () => {
  const after = ringOf(10, [12, 15, 17]);

  expect(after(9)).toBeNull();
  expect(after(10)).toEqual([12, 15, 17]);
  expect(after(12)).toEqual([15, 17]);
  expect(after(16)).toEqual([17]);
  expect(after(20)).toEqual([]);
});

test('has let go of the oldest where there are too many', () => {
  const after = ringOf(10, [12, 15, 17, 18, 19]);

  expect(after(14)).toBeNull();
  expect(after(15)).toEqual([17, 18, 19]);
});
