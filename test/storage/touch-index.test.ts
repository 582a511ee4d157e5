import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { meets, type Touch } from '../../src/storage/touch.ts';
import { createTouchIndex } from '../../src/storage/touch-index.ts';

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
      const index = createTouchIndex<readonly Touch[]>();
      for (const each of read) index.add(each, each);
      const gone = new Set(removed.flatMap((place) => (read[place] ? [read[place]] : [])));
      for (const each of gone) index.remove(each, each);
      const taken = () => {
        const found = new Set<readonly Touch[]>();
        index.take(written, (each) => found.add(each));
        return found;
      };

      expect(taken()).toEqual(
        new Set(read.filter((each) => !gone.has(each) && each.some((one) => meets(one, written)))),
      );
      // Once found, never again; and what is taken out afterwards takes nothing of others along.
      expect(taken().size).toBe(0);
      const again = read.map((each) => [...each]);
      for (const each of again) index.add(each, each);
      for (const each of read) index.remove(each, each);
      expect(taken()).toEqual(new Set(again.filter((each) => each.some((one) => meets(one, written)))));
    },
  );
});
