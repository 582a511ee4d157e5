import { expect, test } from 'vitest';
import { fill, type Hole, holeFrom, isLastPage, isTied } from '../../src/wallet/holes.ts';
import { listed } from './picture.ts';

const page = (ids: string[], facts: { lastPage?: number; total?: number } = {}) => ({
  items: ids.map((id) => listed(id, { createdAt: Number(id) })),
  page: null,
  lastPage: facts.lastPage ?? null,
  total: facts.total ?? null,
});
const hole = (given: Partial<Hole> = {}): Hole => ({ ...holeFrom(2, null), ...given });

test('a hole ends at the transaction that was known', () => {
  expect(fill([hole({ until: '5' })], page(['7', '6', '5', '4']))).toEqual([]);
  expect(fill([hole({ until: '5' })], page(['8', '7', '6']))).toMatchObject([{ page: 3, until: '5' }]);
});

test('while a page ends in the moment of the known transaction, the next may hold a new one of it', () => {
  const of = (...items: ReturnType<typeof listed>[]) => ({ ...page([]), items });
  const tied = [listed('6', { createdAt: 6 }), listed('5', { createdAt: 5 }), listed('5b', { createdAt: 5 })];
  expect(isTied(of(...tied), '5')).toBe(true);
  expect(isTied(of(...tied, listed('4', { createdAt: 4 })), '5')).toBe(false);
  expect(isTied(of(listed('6'), listed('5')), '5')).toBe(true);
  expect(isTied(of(listed('6', { createdAt: null }), listed('5', { createdAt: null })), '5')).toBe(false);
  // Still the first: nothing came.
  expect(isTied(of(listed('6'), listed('5')), '6')).toBe(false);
});

test('the end of the listing ends every hole above it', () => {
  const holes = [hole({ until: '5' }), hole({ page: 9 })];
  expect(fill(holes, page([]))).toEqual([]);
  expect(fill(holes, page(['9', '8'], { lastPage: 2 }))).toEqual([]);
  expect(fill(holes, page(['9', '8'], { lastPage: 3 }))).toHaveLength(2);
});

test('after a filled hole the next goes on from its own place or from there, whichever is later', () => {
  const filled = page(['6', '5', '4']);
  expect(fill([hole({ page: 7, until: '5' }), hole({ page: 3 })], filled)).toMatchObject([{ page: 7 }]);
  expect(fill([hole({ page: 2, until: '5' }), hole({ page: 3 })], filled)).toMatchObject([{ page: 3 }]);
});

test('a page that comes again once may have been pushed down by new rows; the third time it is the last one', () => {
  const same = page(['3', '2']);
  const once = fill([hole()], same);
  const twice = fill(once, same);
  expect(twice).toMatchObject([{ page: 4, repeats: 1 }]);
  expect(fill(twice, page(['1', '0']))).toMatchObject([{ page: 5, repeats: 0 }]);
  expect(fill(twice, same)).toEqual([]);
});

test('a listing without an end has one all the same', () => {
  expect(isLastPage(page(['1']), 499_999)).toBe(false);
  expect(isLastPage(page(['1']), 500_000)).toBe(true);
});
