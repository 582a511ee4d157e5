import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { callerPrefix } from './access/grant.ts';
import { absent, type JsonList, noEntry, readJsonList } from './access/json-list.ts';

/** What an API key is made of: anything that a header carries. */
export const apiKeyText = z
  .string({ error: ({ input }) => absent(input) ?? 'is no text' })
  .regex(/^[\x21-\x7e]+$/, 'holds spaces or characters that no HTTP header can carry');

const account = z.strictObject(
  {
    name: z
      .string({ error: ({ input }) => absent(input) ?? 'is no text' })
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'is no account name: 1 to 64 letters, digits, - or _')
      .refine((name) => !name.startsWith(callerPrefix), `begins with ${callerPrefix}, as those that the gateway makes`),
    apiKey: apiKeyText,
    webhookSecrets: z.array(z.string({ error: 'is no text' }).min(1, 'is empty'), { error: 'is no list' }).default([]),
    rateLimit: z
      .int({ error: 'is no whole number from 1 to 100000' })
      .min(1, 'is no whole number from 1 to 100000')
      .max(100_000, 'is no whole number from 1 to 100000')
      .default(60),
  },
  { error: noEntry },
);

/** One DIDfarm account as ACCOUNTS_FILE names it. `rateLimit` is in requests a minute. */
export type FileAccount = z.infer<typeof account>;

/** Reads ACCOUNTS_FILE. One key in two entries would be one ration counted twice. */
export function readAccountsFile(path: string): JsonList<FileAccount> {
  const text = readText(path);
  if (text === null) return { entries: null, faults: ['it is no file that can be read'] };
  const read = readJsonList(text, {
    entry: account,
    example: '{"name": …, "apiKey": …, "webhookSecrets": […], "rateLimit": 60}',
    unique: ['name', 'apiKey'],
    faultsOf: () => [],
  });
  return read.entries?.length === 0 ? { entries: null, faults: ['it names no account'] } : read;
}

/** Whether every user of this machine may read it: it holds keys. */
export function isReadByAll(path: string): boolean {
  return (statSync(path).mode & 0o004) !== 0;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
