import { describe, expect, test } from 'vitest';
import { readAllPages } from '../../src/didfarm/pages.ts';
import type { Page } from '../../src/didfarm/shapes/page.ts';

const keyOf = (item: string) => item;

function listing(pages: readonly string[][], lastPage: number | null, beyond: 'empty' | 'repeat' = 'empty') {
  const read: number[] = [];
  return {
    read,
    page: async (page: number): Promise<Page<string>> => {
      read.push(page);
      const items = pages[page - 1] ?? (beyond === 'repeat' ? pages.at(-1) : undefined) ?? [];
      return { items, page, lastPage, total: null };
    },
  };
}

describe('all pages are read', () => {
  test('to the last one, where that is known', async () => {
    const { page, read } = listing([['a', 'b'], ['c']], 2);
    expect(await readAllPages(page, { maxPages: 9, keyOf })).toEqual({
      items: ['a', 'b', 'c'],
      pages: 2,
      complete: true,
    });
    expect(read).toEqual([1, 2]);
  });

  test.each(['empty', 'repeat'] as const)('to one that is %s, where nothing is known', async (beyond) => {
    const { page, read } = listing([['a', 'b'], ['c']], null, beyond);
    expect(await readAllPages(page, { maxPages: 9, keyOf })).toEqual({
      items: ['a', 'b', 'c'],
      pages: 3,
      complete: true,
    });
    expect(read).toEqual([1, 2, 3]);
  });

  test('to an empty one, even if the last is said to be farther', async () => {
    const { page } = listing([['a']], 5);
    expect(await readAllPages(page, { maxPages: 9, keyOf })).toEqual({ items: ['a'], pages: 2, complete: true });
  });

  test('and a row that moved on to the next page meanwhile comes once', async () => {
    const { page } = listing(
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      2,
    );
    expect((await readAllPages(page, { maxPages: 9, keyOf })).items).toEqual(['a', 'b', 'c']);
  });
});

describe('the listing is not complete', () => {
  test('where the bound comes before its end', async () => {
    const { page, read } = listing([['a'], ['b'], ['c']], 3);
    expect(await readAllPages(page, { maxPages: 2, keyOf })).toEqual({ items: ['a', 'b'], pages: 2, complete: false });
    expect(read).toEqual([1, 2]);
  });

  test('where the page asked for is ignored, so that each is the first', async () => {
    const { page, read } = listing([['a']], 40, 'repeat');
    expect(await readAllPages(page, { maxPages: 50, keyOf })).toEqual({ items: ['a'], pages: 2, complete: false });
    expect(read).toEqual([1, 2]);
  });
});

test('what reading a page throws goes through', async () => {
  const failure = new Error('page 1');
  await expect(readAllPages(() => Promise.reject(failure), { maxPages: 2, keyOf })).rejects.toBe(failure);
});
