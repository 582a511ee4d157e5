import type { Page, TransactionListing } from '../didfarm/client.ts';

/**
 * Transactions between two known places of the listing that have not been read. Rows only ever shift to later pages, so
 * what was on a page is there or behind it: reading on from the same page never skips any.
 */
export interface Hole {
  /** The next page to read. */
  readonly page: number;
  /** The known transaction that it ends at; null where it reaches to the end of the listing. */
  readonly until: string | null;
  /** The last page read, by its first and last row, and how often it came again under another number. */
  readonly seen: string | null;
  readonly repeats: number;
}

/** More pages than any account has, and an end to a listing that has none. */
const mostPages = 500_000;

/** A page once repeated may be the same rows pushed down by a page of new ones. The same page thrice is the last one. */
const mostRepeats = 2;

export function holeFrom(page: number, until: string | null): Hole {
  return { page, until, seen: null, repeats: 0 };
}

/** Whether nothing lies behind this page, as far as it says. */
export function isLastPage(answer: Page<TransactionListing>, page: number): boolean {
  return answer.items.length === 0 || page >= mostPages || (answer.lastPage !== null && page >= answer.lastPage);
}

/** Whether a page shows this transaction. */
export function holds({ items }: Page<TransactionListing>, transactionId: string | null): boolean {
  return transactionId !== null && items.some((row) => row.transactionId === transactionId);
}

/**
 * Whether the next page may hold a new transaction of the very moment of a known one on this page: rows of one moment have
 * no order of their own. Where nothing came above the known one, nothing came.
 */
export function isTied({ items }: Page<TransactionListing>, known: string | null): boolean {
  const found = items.find((row) => row.transactionId === known);
  if (found === undefined || found === items[0]) return false;
  return found.createdAt !== null && items.at(-1)?.createdAt === found.createdAt;
}

/** The holes that are left after a page of the first one was read. */
export function fill([hole, ...others]: readonly Hole[], answer: Page<TransactionListing>): readonly Hole[] {
  if (hole === undefined) return [];
  if (holds(answer, hole.until)) return startingAt(others, hole.page);
  if (isLastPage(answer, hole.page)) return [];
  const seen = `${answer.items[0]?.transactionId} ${answer.items.at(-1)?.transactionId}`;
  const repeats = seen === hole.seen ? hole.repeats + 1 : 0;
  if (repeats >= mostRepeats) return [];
  return [{ ...hole, page: hole.page + 1, seen, repeats }, ...others];
}

/** What lies below a filled hole begins on its last page at the earliest. */
function startingAt([next, ...others]: readonly Hole[], page: number): readonly Hole[] {
  return next === undefined ? [] : [{ ...next, page: Math.max(next.page, page) }, ...others];
}
