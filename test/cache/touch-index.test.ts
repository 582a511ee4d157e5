import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { createTouchIndex } from '../../src/cache/touch-index.ts';
import { meets, type Touch } from '../../src/storage/touch.ts';

const columns: readonly ReadonlySet<string>[] = [new Set(['name']), new Set(['name', 'status']), new Set(['city'])];

/** @param fewest what is read by none of the keys is nothing, and changes by no writing. */
const touch = (fewest: number): fc.Arbitrary<Touch> =>
  fc.record({
    table: fc.constantFrom('numbers', 'trunks'),
    account: fc.option(fc.constantFrom('one', 'two')),
    keys: fc.option(fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: fewest })),
    columns: fc.constantFrom(undefined, ...columns),
  });
/** Each place once, as readings have them. */
const touches = fc.uniqueArray(touch(1), {
  selector: (each) => `${each.table} ${each.account} ${columns.indexOf(each.columns ?? new Set())}`,
  maxLength: 6,
});

describe('an index of what was read', () => {
  test.prop([fc.array(touches, { maxLength: 6 }), fc.array(fc.nat(5)), touch(0)])(
    'finds exactly those whose reading meets what is written',
    (read, removed, written) => {
      const index = createTouchIndex<`${number}`>();
      for (const [item, each] of read.entries()) index.add(`${item}`, each);
      for (const item of removed) index.remove(`${item}`, read[item] ?? []);

      const expected = read.flatMap((each, item) =>
        !removed.includes(item) && each.some((one) => meets(one, written)) ? [`${item}`] : [],
      );
      expect([...index.meeting(written)].toSorted()).toEqual(expected);
    },
  );
});
