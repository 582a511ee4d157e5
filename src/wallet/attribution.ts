import { sql, type Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import type { Attribute, Learnt } from '../account.ts';
import { inParts } from '../storage/rows.ts';
import type { Tables, TransactionRow } from '../storage/tables.ts';
import { findOwners, type Owner } from './owners.ts';
import { namesOfNumber, namesOfTrunk, type Reference, referenceKey } from './references.ts';
import { createSpendingChanges } from './spending-days.ts';

/** What was learnt and what is updated in one statement. */
const rowsPerStatement = 2_000;

/**
 * Attributes the transactions that were waiting for what was just learnt. Money that has a trunk keeps it: a number that
 * moves, or an order that is completed otherwise, does not rewrite a bill.
 */
export const attribute: Attribute = async (trx, account, learnt) => {
  const references = await referencesTo(trx, account, learnt);
  const owners = await findOwners(trx, account, references);
  const known = references.flatMap((reference) => {
    const owner = owners.get(referenceKey(reference));
    return owner === undefined ? [] : [{ reference, owner }];
  });
  for (const some of inParts(known, rowsPerStatement)) await attributeTo(trx, account, some);
};

/** Every way in which a transaction can refer to what was learnt: by the thing itself or by the order it came with. */
async function referencesTo(trx: Transaction<Tables>, account: AccountId, learnt: Learnt): Promise<Reference[]> {
  const references: Reference[] = [];
  for (const e164s of inParts(learnt.numbers ?? [], rowsPerStatement))
    references.push(...(await referencesToNumbers(trx, account, e164s)));
  for (const keys of inParts(learnt.trunks ?? [], rowsPerStatement))
    references.push(...(await referencesToTrunks(trx, account, keys)));
  return [...new Map(references.map((reference) => [referenceKey(reference), reference])).values()];
}

async function referencesToNumbers(
  trx: Transaction<Tables>,
  account: AccountId,
  e164s: readonly string[],
): Promise<Reference[]> {
  const numbers = await trx
    .selectFrom('numbers')
    .select(['e164', 'did_number_id', 'order_id'])
    .where('account', '=', account)
    .where('e164', 'in', e164s)
    .execute();
  return numbers.flatMap((number): Reference[] => [
    ...namesOfNumber(number).map((id): Reference => ({ type: 'NUMBER', id })),
    ...(number.order_id === null ? [] : [{ type: 'ORDER' as const, id: String(number.order_id) }]),
  ]);
}

async function referencesToTrunks(
  trx: Transaction<Tables>,
  account: AccountId,
  keys: readonly string[],
): Promise<Reference[]> {
  const trunks = await trx
    .selectFrom('trunks')
    .select(['uuid', 'sip_trunk_id'])
    .where('account', '=', account)
    .where('trunk_key', 'in', keys)
    .execute();
  return trunks.flatMap((trunk) => namesOfTrunk(trunk).map((id): Reference => ({ type: 'TRUNK', id })));
}

const counted = (['trunk_key', 'amount_e8', 'currency', 'kind', 'created_at', 'reference_type'] as const).map(
  (column) => sql`${sql.ref(`transactions.${column}`)} as ${sql.id(column)}`,
);

/** One statement for all of them, each found by the index over references. */
async function attributeTo(
  trx: Transaction<Tables>,
  account: AccountId,
  known: readonly { readonly reference: Reference; readonly owner: Owner }[],
): Promise<void> {
  const values = known.map(
    ({ reference, owner }) =>
      sql`(${reference.type}, ${reference.id}, ${owner.e164}, ${owner.trunk_key}, ${owner.client_key})`,
  );
  const changed = await sql<TransactionRow>`
    with known (reference_type, reference_id, e164, trunk_key, client_key) as (values ${sql.join(values)})
    update transactions set
      e164 = coalesce(transactions.e164, known.e164),
      trunk_key = known.trunk_key,
      client_key = known.client_key
    from known
    where transactions.account = ${account}
      and transactions.reference_type = known.reference_type
      and transactions.reference_id = known.reference_id
      and transactions.trunk_key is null
      and (known.trunk_key is not null or (transactions.e164 is null and known.e164 is not null))
    returning ${sql.join(counted)}`.execute(trx);
  const changes = createSpendingChanges();
  for (const row of changed.rows) if (row.trunk_key !== null) changes.add(row.trunk_key, row);
  await changes.write(trx, account);
}
