import { z } from 'zod';
import { type Answer, isRecord, type JsonObject, readAnswer } from './answer.ts';
import { optionalWhole } from './fields.ts';

/** One page of a listing. What DIDfarm did not say is null. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly page: number | null;
  readonly lastPage: number | null;
  readonly total: number | null;
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

function pagingFields(json: unknown): object {
  if (!isRecord(json)) return {};
  const meta = isRecord(json.meta) ? json.meta : {};
  return { ...json, ...nested(json), ...meta, ...nested(meta) };
}

function nested(fields: JsonObject): object {
  return isRecord(fields.pagination) ? fields.pagination : {};
}
