import type { Account } from '../account.ts';

/** Which of these numbers are the account's own now, so that nobody can buy them. */
export async function ownedAmong({ id, storage }: Account, e164s: readonly string[]): Promise<ReadonlySet<string>> {
  if (e164s.length === 0) return new Set();
  const rows = await storage.db
    .selectFrom('numbers')
    .select('e164')
    .where('account', '=', id)
    .where('e164', 'in', e164s)
    .where('status', '<>', 'RELEASED')
    .execute();
  return new Set(rows.map(({ e164 }) => e164));
}
