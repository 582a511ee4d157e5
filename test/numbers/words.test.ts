import { expect, test } from 'vitest';
import { numberType } from '../../src/numbers/numbers.ts';
import { trunkStatus } from '../../src/trunks/trunks.ts';

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', '', null])(
  '%s is no type and no status, whatever it is to JavaScript',
  (word) => {
    expect(numberType(word)).toBe('UNKNOWN');
    expect(trunkStatus(word)).toBe('UNKNOWN');
  },
);

test.each([
  ['toll-free', 'TOLL_FREE'],
  [' Toll_Free ', 'TOLL_FREE'],
  ['tollfree', 'TOLL_FREE'],
  ['LOCAL', 'LOCAL'],
])('%j is the type %s', (word, type) => {
  expect(numberType(word)).toBe(type);
});
