import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { expect, test } from 'vitest';
import {
  blockOf,
  blocks,
  firstForSale,
  indexOf,
  numberAt,
  ownedNumberAt,
  placeOf,
} from '../../../src/sandbox/world/numbering.ts';

const seeds = fc.nat();
const places = fc.nat(9999);

test('every number of every block is valid in its country', () => {
  fc.assert(
    fc.property(fc.constantFrom(...blocks), places, seeds, (block, place, seed) => {
      const parsed = parsePhoneNumberFromString(numberAt(block, place, seed));
      expect(parsed?.isValid()).toBe(true);
      expect(parsed?.country).toBe(block.country);
    }),
    { numRuns: 2000 },
  );
});

test('mobile and toll-free numbers are what they say', () => {
  const kinds = { mobile: ['MOBILE', 'FIXED_LINE_OR_MOBILE'], 'toll-free': ['TOLL_FREE'] };
  for (const block of blocks) {
    if (block.type !== 'mobile' && block.type !== 'toll-free') continue;
    expect(kinds[block.type]).toContain(parsePhoneNumberFromString(numberAt(block, 0, 1))?.getType());
  }
});

test('a number leads back to its place, so nothing has to be looked up in a list', () => {
  fc.assert(
    fc.property(fc.nat(99_999), seeds, (index, seed) => {
      expect(indexOf(ownedNumberAt(index, seed), seed)).toBe(index);
    }),
  );
  expect(placeOf('+999123', 1)).toBeUndefined();
});

test('a hundred thousand owned numbers differ from each other and from those for sale', () => {
  const owned = new Set(Array.from({ length: 100_000 }, (_, i) => ownedNumberAt(i, 1)));
  expect(owned.size).toBe(100_000);
  for (const block of blocks) expect(owned.has(numberAt(block, firstForSale, 1))).toBe(false);
  expect(new Set(Array.from({ length: blocks.length }, (_, i) => blockOf(i))).size).toBe(blocks.length);
});
