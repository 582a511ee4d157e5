import { z } from 'zod';
import type { Call } from '../http/router.ts';
import type { Page } from '../http/wire.ts';
import { validate } from './validation.ts';

const count = z.coerce.number().int().min(1);
const schema = z.object({ page: count.optional(), per_page: count.max(100).optional() });

/** Which rows a list's caller asks for. Behind the last page: nothing, or the last page again (a variant). */
export function askedPage({ query, wire }: Call, total: number): Page & { readonly offset: number } {
  const asked = validate(schema, Object.fromEntries(query));
  const perPage = asked.per_page ?? wire.variants.perPage;
  const last = Math.max(1, Math.ceil(total / perPage));
  const wanted = asked.page ?? 1;
  const page = wire.variants.beyondLastPage === 'repeat' ? Math.min(wanted, last) : wanted;
  return { page, perPage, total, offset: (page - 1) * perPage };
}
