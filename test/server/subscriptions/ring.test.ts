import { expect, test } from 'vitest';
import { createPayload } from '../../../src/server/subscriptions/payload.ts';
import { createRing } from '../../../src/server/subscriptions/ring.ts';

/** A payload of so many characters. */
const payloadOf = (seq: number, length = 20) =>
  createPayload({ data: { a: 'x'.repeat(length - '{"data":{"a":""}}'.length) } }, { seq });

function ringOf(begin: number, seqs: readonly (number | readonly [seq: number, length: number])[]) {
  const ring = createRing({ payloads: 3, characters: 100 }, begin);
  for (const each of seqs) ring.keep(typeof each === 'number' ? payloadOf(each) : payloadOf(...each));
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

test('has let go of the oldest where they are too long together', () => {
  const after = ringOf(10, [
    [12, 40],
    [15, 60],
    [17, 30],
  ]);

  expect(after(11)).toBeNull();
  expect(after(12)).toEqual([15, 17]);
});

test('keeps none that alone is too long, and what comes behind it', () => {
  const after = ringOf(10, [12, [15, 101], 17]);

  expect(after(14)).toBeNull();
  expect(after(15)).toEqual([17]);
});
