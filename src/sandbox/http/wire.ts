import type { ApiError } from '../api-error.ts';
import { formatEuros, type Mills } from '../money.ts';
import type { Variants } from '../variants.ts';

type Fields = Record<string, unknown>;

/** What a handler answers: a status and a JSON body; undefined is an empty body. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** Which part of how many rows. */
export interface Page {
  readonly page: number;
  readonly perPage: number;
  readonly total: number;
}

/** Turns what the account has into JSON as the variants of the moment spell it. */
export interface Wire {
  readonly variants: Variants;
  time(milliseconds: number): string;
  /** EUR cents: search and checkout rates. */
  cents(cents: number): number | string;
  euros(mills: Mills, as: 'number' | 'string'): number | string;
  /** A word of a closed-looking set, at times one that nobody has documented. */
  word(value: string, unknown: string): string;
  /** Applies extra, missing and null fields to a resource. */
  resource(name: string, fields: Fields): Fields;
  /** One resource in its envelope; `beside` stands outside of it. */
  one(fields: Fields, beside?: Fields): unknown;
  list(rows: readonly Fields[], page: Page): unknown;
  /** A search has the one published form of paging: `meta: {total, page}`. */
  found(rows: readonly Fields[], page: Page): unknown;
  error(error: ApiError): unknown;
}

/** Creates the spelling for the variants of one answer. */
export function createWire(variants: Variants): Wire {
  return {
    variants,
    time: (milliseconds) => spellTime(milliseconds, variants.timestamps),
    cents: (cents) => (variants.ratesAs === 'string' ? String(cents) : cents),
    euros: (mills, as) => (as === 'string' ? formatEuros(mills) : mills / 1000),
    word: (value, unknown) => (variants.unknownEnums ? unknown : value),
    resource(name, fields) {
      const named = (list: readonly string[], field: string) =>
        list.includes(field) || list.includes(`${name}.${field}`);
      const extra = variants.extraFields ? { internal_note: null, links: { self: '/x' }, legacy_flags: [1, 2] } : {};
      const kept = Object.entries({ ...fields, ...extra })
        .filter(([field]) => !named(variants.missingFields, field))
        .map(([field, value]) => [field, named(variants.nullFields, field) ? null : value]);
      return Object.fromEntries(kept);
    },
    one: (fields, beside) => (variants.envelope === 'bare' ? { ...fields, ...beside } : { data: fields, ...beside }),
    list: (rows, page) =>
      variants.envelope === 'bare' ? rows : { data: rows, ...pagingFields(page, variants.paging) },
    found: (rows, { total, page }) => (variants.envelope === 'bare' ? rows : { data: rows, meta: { total, page } }),
    error: (error) => spellError(error, variants.errors),
  };
}

function spellTime(milliseconds: number, form: Variants['timestamps']): string {
  const iso = new Date(milliseconds).toISOString();
  const seconds = iso.slice(0, -5);
  const spelled = {
    z: `${seconds}Z`,
    offset: `${seconds}+00:00`,
    milliseconds: iso,
    microseconds: `${iso.slice(0, -1)}000Z`,
    'fraction-offset': `${iso.slice(0, -1)}+00:00`,
  };
  return spelled[form];
}

function pagingFields({ page, perPage, total }: Page, form: Variants['paging']): Fields {
  const last = Math.max(1, Math.ceil(total / perPage));
  const laravel = { current_page: page, last_page: last, per_page: perPage, total };
  const forms = {
    laravel: { meta: laravel },
    pages: { meta: { page, total_pages: last, per_page: perPage, total } },
    'page-number': { meta: { page_number: page, per_page: perPage, total } },
    'total-only': { meta: { total, per_page: perPage } },
    'top-level': laravel,
    none: {},
  };
  return forms[form];
}

function spellError({ status, code, message, fields }: ApiError, form: Variants['errors']): unknown {
  const forms = {
    object: { error: { code, message, status, ...(fields ? { fields } : {}) } },
    string: { error: message },
    laravel: { message, ...(fields ? { errors: fields } : {}) },
    message: { message },
    empty: undefined,
  };
  return forms[form];
}
