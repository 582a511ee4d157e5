import { z } from 'zod';
import { grantFaults, grantShape } from './grant.ts';
import { absent, type JsonList, noEntry, readJsonList } from './json-list.ts';

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
  { error: noEntry },
);

export type AccessEntry = z.infer<typeof entry>;

/**
 * Reads the text of an access file. Two entries of one name could not be told apart in the log; of two with one token, one would decide
 * by its place.
 * @param accounts those that an entry may name; null: not known here.
 */
export function readEntries(text: string, accounts: readonly string[] | null): JsonList<AccessEntry> {
  return readJsonList(text, {
    entry,
    example: '{"name": …, "role": …, "tokenSha256": …}',
    unique: ['name', 'tokenSha256'],
    faultsOf: (data) => grantFaults(data, accounts),
  });
}
