import { badInput } from './errors.ts';

/** Characters of what is looked for. SQLite takes a pattern of 50,000 bytes, and nobody's name has as many. */
const most = 1_000;

/** What was typed to be looked for; null: nothing. @throws BAD_USER_INPUT where it is longer than anything that it could be in. */
export function searched(typed: string | null | undefined, argument = 'filter.search'): string | null {
  if (typed == null) return null;
  if (typed.length > most)
    throw badInput(`"${argument}" has at most ${most} characters; this has ${typed.length}.`, argument);
  return typed;
}
