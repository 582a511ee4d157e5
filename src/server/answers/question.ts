import { hash } from 'node:crypto';
import type { RootField } from './root-fields.ts';

/** What is asked, as the operation's parameters have it. */
export interface Parameters {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
}

/** Variables nested deeper than any input of the graph are not worth a name. */
const deepest = 32;

/**
 * A name that two questions have in common only where their answers must be the same: who asks, the document, which of its operations
 * and the variables, whatever the order of their keys. Null where nothing that is asked so may be kept: a document that holds the word
 * may hold a mutation or a subscription, and one that does not holds none.
 */
export function questionOf(audience: string, { query, operationName, variables }: Parameters): string | null {
  if (typeof query !== 'string' || /\b(?:mutation|subscription)\b/.test(query)) return null;
  const given = canonical(variables ?? null, deepest);
  if (given === null) return null;
  return hash('sha256', JSON.stringify([audience, query, operationName ?? null, given]), 'base64url');
}

/** The same for a root field: who asks, what, and those of the variables that it names. Null where their values are worth no name. */
export function fieldQuestionOf(
  audience: string,
  { digest, variables: names }: Pick<RootField, 'digest' | 'variables'>,
  variables: Readonly<Record<string, unknown>>,
): string | null {
  const given = canonical(
    names.map((name) => [name, Object.hasOwn(variables, name), variables[name]]),
    deepest,
  );
  return given === null ? null : hash('sha256', JSON.stringify([audience, digest, given]), 'base64url');
}

/** Characters of variables, or an eighth as many values, that each field of a query may read by itself. */
const mostPerField = 16_000;

/** Whether variables are so many, long or deep that to read them for each root field would hold the process. */
export function areLarge(variables: Readonly<Record<string, unknown>>): boolean {
  let left = mostPerField;
  const fits = (value: unknown, depth: number): boolean => {
    left -= typeof value === 'string' ? value.length : 8;
    if (left < 0 || depth === 0) return false;
    if (typeof value !== 'object' || value === null) return true;
    return Object.entries(value).every(([name, inner]) => fits(name, depth) && fits(inner, depth - 1));
  };
  return !fits(variables, deepest);
}

/** JSON with the keys of each object in their order; null where it is nested too deeply. */
function canonical(value: unknown, depth: number): string | null {
  // JSON can write numbers that are infinite when read, and would write those as null.
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  if (depth === 0) return null;
  const isList = Array.isArray(value);
  const parts: string[] = [];
  for (const [key, inner] of isList ? value.entries() : Object.entries(value).toSorted(byKey)) {
    const part = canonical(inner, depth - 1);
    if (part === null) return null;
    parts.push(isList ? part : `${JSON.stringify(key)}:${part}`);
  }
  return isList ? `[${parts.join()}]` : `{${parts.join()}}`;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
