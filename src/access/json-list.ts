import type { z } from 'zod';

/** One thing wrong with an entry, beyond the form of each of its fields. */
export interface EntryFault {
  readonly field: string;
  readonly problem: string;
}

export interface JsonListOptions<T> {
  readonly entry: z.ZodType<T>;
  /** Shown where the text is no list at all. */
  readonly example: string;
  /** Fields that no two entries may share, whatever their case. */
  readonly unique: readonly string[];
  readonly faultsOf: (entry: T) => readonly EntryFault[];
}

/** The entries of a text, or everything that is wrong with it: a line each, with the entry's place (from 1) and the field. */
export type JsonList<T> =
  | { readonly entries: readonly T[]; readonly faults: null }
  | { readonly entries: null; readonly faults: readonly string[] };

/** Reads a list that a person has written. No line repeats a value: it may be a secret. */
export function readJsonList<T>(text: string, { entry, example, unique, faultsOf }: JsonListOptions<T>): JsonList<T> {
  if (text.trim() === '') return refused(['it is empty: a list without entries is []']);
  const json = parseJson(text);
  if (json === undefined) return refused(['it is no JSON']);
  if (!Array.isArray(json)) return refused([`it is no list: [${example}]`]);
  const entries: T[] = [];
  const faults: Placed[] = json.flatMap((value, index) => {
    const { success, data, error } = entry.safeParse(value);
    if (!success) return error.issues.map(({ path, message }) => ({ index, field: path.join('.'), problem: message }));
    entries.push(data);
    return faultsOf(data).map((fault) => ({ index, ...fault }));
  });
  faults.push(...unique.flatMap((field) => repeated(json, field)));
  if (faults.length === 0) return { entries, faults: null };
  return refused(faults.toSorted((a, b) => a.index - b.index).map(lineOf));
}

/** What zod says of a value that was left out, and of an entry with a misspelt field. */
export function absent(input: unknown): string | undefined {
  return input === undefined ? 'is missing' : undefined;
}

export function noEntry(issue: z.core.$ZodRawIssue): string {
  if (issue.code !== 'unrecognized_keys') return 'is no object';
  const names = issue.keys.map((key) => JSON.stringify(key.slice(0, 40))).join(', ');
  return `has fields that mean nothing here: ${names}`;
}

interface Placed extends EntryFault {
  readonly index: number;
}

function refused(faults: readonly string[]) {
  return { entries: null, faults };
}

function parseJson(text: string): unknown {
  try {
    // Some editors begin a file with it.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

function lineOf({ index, field, problem }: Placed): string {
  return `entry ${index + 1}${field === '' ? '' : `, ${field}`}: ${problem}`;
}

function repeated(json: readonly unknown[], field: string): Placed[] {
  const first = new Map<string, number>();
  return json.flatMap((value, index) => {
    const given: unknown = Object.getOwnPropertyDescriptor(Object(value), field)?.value;
    if (typeof given !== 'string') return [];
    const earlier = first.get(given.toLowerCase());
    if (earlier !== undefined) return { index, field, problem: `is that of entry ${earlier + 1} already` };
    first.set(given.toLowerCase(), index);
    return [];
  });
}
