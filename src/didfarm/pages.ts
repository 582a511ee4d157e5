import type { Page } from './shapes/page.ts';

/** The rows of a listing. `complete` is false where it was left before its end: at the bound, or because pages repeat. */
export interface AllPages<T> {
  readonly items: readonly T[];
  readonly pages: number;
  readonly complete: boolean;
}

export interface ReadAllPagesOptions<T> {
  readonly maxPages: number;
  /** What makes two rows the same one. */
  readonly keyOf: (item: T) => string;
}

/**
 * Reads a listing from its first page to its last, to an empty page or to one that repeats what was read, whichever comes first.
 * A row that rows arriving meanwhile pushed onto the next page is returned once. What `read` throws goes through.
 */
export async function readAllPages<T>(
  read: (page: number) => Promise<Page<T>>,
  { maxPages, keyOf }: ReadAllPagesOptions<T>,
): Promise<AllPages<T>> {
  const rows = new Map<string, T>();
  for (let page = 1; page <= maxPages; page++) {
    const answer = await read(page);
    const news = answer.items.filter((item) => !rows.has(keyOf(item)));
    for (const item of news) rows.set(keyOf(item), item);
    const ended = answer.items.length === 0 || (answer.lastPage !== null && page >= answer.lastPage);
    if (ended || news.length === 0) {
      return { items: [...rows.values()], pages: page, complete: ended || answer.lastPage === null };
    }
  }
  return { items: [...rows.values()], pages: maxPages, complete: false };
}
