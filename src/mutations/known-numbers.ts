import type { Account } from '../account.ts';
import { ActionFailed } from '../operations/failure.ts';
import type { NumberRow } from '../storage/tables.ts';

/** A number of the account. @throws ActionFailed (NotFoundError) where the gateway does not know it as the account's. */
export async function knownNumber(account: Account, e164: string): Promise<NumberRow> {
  const row = await account.storage.db
    .selectFrom('numbers')
    .selectAll()
    .where('account', '=', account.id)
    .where('e164', '=', e164)
    .where('status', '<>', 'RELEASED')
    .executeTakeFirst();
  if (row !== undefined) return row;
  throw new ActionFailed({
    type: 'NotFoundError',
    code: 'NOT_FOUND',
    message: `${e164} is not known as one of your numbers. One that was bought before the gateway is imported first (importNumbers).`,
  });
}
