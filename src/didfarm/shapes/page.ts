import { z } from 'zod';
import { type Answer, isRecord, type JsonObject, readAnswer } from './answer.ts';
import { optionalWhole } from './fields.ts';

/** One page of a listing. What DIDfarm did not say is null. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly page: number | null;
  readonly lastPage: number | null;
  readonly total: number | null;
  /** Rows that were left out, of a listing that is read without them. */
  readonly unreadable?: readonly UnreadableRow[];
}

/** A row that follows no schema. Its values are not in it, they may be secret. */
export interface UnreadableRow {
  /** What tells it from others: DIDfarm's id, or where that cannot be read either, its place. */
  readonly id: string;
  /** Within the listing, such as `[5].amount`. */
  readonly path: string;
  readonly problem: string;
}

const paging = z.object({
  page: optionalWhole,
  current_page: optionalWhole,
  page_number: optionalWhole,
  last_page: optionalWhole,
  total_pages: optionalWhole,
  total: optionalWhole,
  per_page: optionalWhole,
});

/** Reads a listing whose rows follow a schema, with its paging in `meta`, `pagination` or beside the rows. */
export function readPage<T>(answer: Answer, row: z.ZodType<T>): Page<T> {
  const items = readAnswer(answer, z.array(row));
  const facts = paging.parse(pagingFields(answer.json));
  const pages = facts.total !== null && facts.per_page ? Math.ceil(facts.total / facts.per_page) : null;
  return {
    items,
    page: facts.page ?? facts.current_page ?? facts.page_number,
    lastPage: facts.last_page ?? facts.total_pages ?? pages,
    total: facts.total,
  };
}

/**
 * As {@link readPage}, but one bad row does not take the others along. A page without a readable row is an error all the same.
 * @param idOf the identity of a row that may be anything.
 */
export function readTolerantPage<T>(answer: Answer, row: z.ZodType<T>, idOf: (row: unknown) => string | null): Page<T> {
  const rows = readPage(answer, z.unknown());
  const items: T[] = [];
  const unreadable: UnreadableRow[] = [];
  for (const [place, each] of rows.items.entries()) {
    const parsed = row.safeParse(each);
    if (parsed.success) items.push(parsed.data);
    else unreadable.push(unreadableRow(idOf(each), place, parsed.error));
  }
  if (items.length === 0 && unreadable.length > 0) return readPage(answer, row);
  return { ...rows, items, ...(unreadable.length === 0 ? {} : { unreadable }) };
}

function unreadableRow(id: string | null, place: number, { issues: [issue] }: z.ZodError): UnreadableRow {
  const path = [`[${place}]`, ...(issue?.path ?? []).map(String)].join('.');
  return { id: id ?? path, path, problem: issue?.message ?? 'unexpected' };
}

function pagingFields(json: unknown): object {
  if (!isRecord(json)) return {};
  const meta = isRecord(json.meta) ? json.meta : {};
  return { ...json, ...nested(json), ...meta, ...nested(meta) };
}

function nested(fields: JsonObject): object {
  return isRecord(fields.pagination) ? fields.pagination : {};
}
