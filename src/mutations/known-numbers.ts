import { numberRows } from '../numbers/listing.ts';
import { ActionFailed } from '../operations/failure.ts';
import type { Operation } from '../operations/operation.ts';
import { readRows } from '../storage/pages.ts';
import type { NumberRow } from '../storage/tables.ts';

/** A number that the viewer may name. @throws ActionFailed (NotFoundError) where the gateway does not know it as theirs. */
export async function knownNumber(
  { account, scope }: Pick<Operation, 'account' | 'scope'>,
  e164: string,
): Promise<NumberRow> {
  const [row] = await readRows(account.storage, numberRows.listing, scope, 'e164', [e164]);
  if (row !== undefined && row.status !== 'RELEASED') return row;
  throw new ActionFailed({
    type: 'NotFoundError',
    code: 'NOT_FOUND',
    message: `${e164} is not known as one of your numbers. One that was bought before the gateway is imported first (importNumbers).`,
  });
}
