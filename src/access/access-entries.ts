import { z } from 'zod';
import { absent, type GrantFault, grantFaults, grantShape } from './grant.ts';

/** One entry as it stands in the access file. */
const entry = z.strictObject(
  {
    name: z
      .string({ error: ({ input }) => absent(input) ?? 'is no text' })
      .regex(/^[A-Za-z0-9._@-]{1,64}$/, 'is no name: 1 to 64 letters, digits, ., _, @ or -')
      .refine((name) => name !== 'local', 'is the name of who asks where no access is configured'),
    ...grantShape,
    tokenSha256: z
      .string({ error: ({ input }) => absent(input) ?? 'is no text' })
      .regex(/^[0-9a-f]{64}$/i, 'is no SHA-256 in 64 hexadecimal digits')
      .transform((hash) => hash.toLowerCase()),
  },
  { error: (issue) => (issue.code === 'unrecognized_keys' ? unknownFields(issue.keys) : 'is no object') },
);

export type AccessEntry = z.infer<typeof entry>;

/** The entries of a text, or everything that is wrong with it, each line with the entry's place (from 1) and the field. */
export type ReadEntries =
  | { readonly entries: readonly AccessEntry[]; readonly faults: null }
  | { readonly entries: null; readonly faults: readonly string[] };

/** @param accounts those that an entry may name; null: not known here. */
export function readEntries(text: string, accounts: readonly string[] | null): ReadEntries {
  if (text.trim() === '') return refused(['it is empty: an access file without entries is []']);
  const json = parseJson(text);
  if (json === undefined) return refused(['it is no JSON']);
  if (!Array.isArray(json)) return refused(['it is no list: [{"name": …, "role": …, "tokenSha256": …}]']);
  const entries = json.map((value) => entry.safeParse(value));
  const read = entries.map(({ data }) => data);
  const faults = [
    ...entries.flatMap(({ error }, index) =>
      (error?.issues ?? []).map((issue) => lineOf(index, issue.path, issue.message)),
    ),
    ...read.flatMap((data, index) => (data ? grantFaults(data, accounts).map((fault) => grantLine(index, fault)) : [])),
    ...repeated(json, 'name'),
    ...repeated(json, 'tokenSha256'),
  ];
  return faults.length > 0
    ? refused(faults.toSorted(byPlace))
    : { entries: read.flatMap((data) => data ?? []), faults: null };
}

function refused(faults: readonly string[]): ReadEntries {
  return { entries: null, faults };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

function unknownFields(keys: readonly string[]): string {
  return `has fields that mean nothing here: ${keys.map((key) => JSON.stringify(key.slice(0, 40))).join(', ')}`;
}

function lineOf(index: number, path: readonly PropertyKey[], problem: string): string {
  return `entry ${index + 1}${path.length > 0 ? `, ${path.map(String).join('.')}` : ''}: ${problem}`;
}

function grantLine(index: number, { field, problem }: GrantFault): string {
  return lineOf(index, [field], problem);
}

/** Two entries of one name could not be told apart in the log; of two with one token, one would decide by its place. */
function repeated(json: readonly unknown[], field: 'name' | 'tokenSha256'): string[] {
  const first = new Map<string, number>();
  return json.flatMap((value, index) => {
    const given: unknown =
      typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, field)?.value : null;
    if (typeof given !== 'string') return [];
    const key = given.toLowerCase();
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, index);
    return earlier === undefined ? [] : [lineOf(index, [field], `is that of entry ${earlier + 1} already`)];
  });
}

function byPlace(a: string, b: string): number {
  return Number.parseInt(a.slice('entry '.length), 10) - Number.parseInt(b.slice('entry '.length), 10);
}
