import Big from 'big.js';
import type { Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import type { TransactionListing } from '../didfarm/client.ts';
import { asInserted, columnsBeside, differs, inParts } from '../storage/rows.ts';
import type { Tables, TransactionRow } from '../storage/tables.ts';
import { findOwners, type Owner } from './owners.ts';
import { orderIdIn, type Reference, referenceKey, referenceType } from './references.ts';
import { createSpendingChanges, wholeWallet } from './spending-days.ts';
import { teachOrders } from './taught-orders.ts';

/** Rows of one statement: 17 columns each, and SQLite takes 32,766 values. */
const rowsPerStatement = 500;

/**
 * Writes a page of transactions into the mirror, with whatever follows from them: their attribution, the days' sums and
 * the orders they tell of. A row that is there and says the same is left alone. Returns how many were new.
 */
export async function storeTransactions(
  trx: Transaction<Tables>,
  account: AccountId,
  listed: readonly TransactionListing[],
): Promise<number> {
  let added = 0;
  for (const some of inParts(listed, rowsPerStatement)) added += await storePart(trx, account, some);
  return added;
}

async function storePart(
  trx: Transaction<Tables>,
  account: AccountId,
  listed: readonly TransactionListing[],
): Promise<number> {
  const rows = new Map(listed.map((each) => [each.transactionId, unattributed(account, each)]));
  const before = await readKnown(trx, account, [...rows.keys()]);
  const owners = await findOwners(trx, account, [...rows.values()].flatMap(referenceOf));
  const changes = createSpendingChanges();
  const written: TransactionRow[] = [];
  for (const row of rows.values()) {
    const known = before.get(row.transaction_id);
    const next = attributed(row, known, referenceOf(row).map((reference) => owners.get(referenceKey(reference)))[0]);
    if (!differs(known, next)) continue;
    written.push(next);
    for (const key of trunksOf(known)) if (known !== undefined) changes.remove(key, known);
    for (const key of trunksOf(next)) changes.add(key, next);
  }
  if (written.length === 0) return 0;
  await write(trx, written);
  await changes.write(trx, account);
  await teachOrders(trx, account, [...new Set(written.flatMap((row) => row.order_id ?? []))]);
  return written.filter((row) => !before.has(row.transaction_id)).length;
}

async function readKnown(
  trx: Transaction<Tables>,
  account: AccountId,
  ids: readonly string[],
): Promise<ReadonlyMap<string, TransactionRow>> {
  if (ids.length === 0) return new Map();
  const found = await trx
    .selectFrom('transactions')
    .selectAll()
    .where('account', '=', account)
    .where('transaction_id', 'in', ids)
    .execute();
  return new Map(found.map((row) => [row.transaction_id, row]));
}

function unattributed(account: AccountId, listed: TransactionListing): TransactionRow {
  const type = referenceType(listed.referenceType);
  return {
    account,
    transaction_id: listed.transactionId,
    amount: listed.amount,
    amount_e8: inE8(listed.amount),
    currency: listed.currency,
    kind: listed.kind,
    description: listed.description,
    created_at: listed.createdAt,
    sort_at: listed.createdAt ?? 0,
    reference_type: type,
    raw_reference_type: listed.referenceType,
    reference_id: listed.referenceId,
    e164: null,
    order_id: listed.referenceId === null ? null : orderIdIn({ type, id: listed.referenceId }),
    trunk_key: null,
    client_key: null,
  };
}

/** Whole 10^-8 parts. An amount of ninety million and more cannot be held exactly: it is listed, and counted as nothing. */
function inE8(amount: string): number {
  const parts = Number(new Big(amount).times(1e8).round(0, Big.roundHalfEven).toFixed());
  return Number.isSafeInteger(parts) ? parts : 0;
}

function referenceOf(row: TransactionRow): Reference[] {
  return row.reference_id === null ? [] : [{ type: row.reference_type as Reference['type'], id: row.reference_id }];
}

/** What was attributed stays so. */
function attributed(row: TransactionRow, known: TransactionRow | undefined, owner: Owner | undefined): TransactionRow {
  const { trunk_key, client_key } = known !== undefined && known.trunk_key !== null ? known : (owner ?? row);
  return { ...row, e164: known?.e164 ?? owner?.e164 ?? null, trunk_key, client_key };
}

function trunksOf(row: TransactionRow | undefined): string[] {
  if (row === undefined) return [];
  return row.trunk_key === null ? [wholeWallet] : [wholeWallet, row.trunk_key];
}

async function write(trx: Transaction<Tables>, rows: readonly TransactionRow[]): Promise<void> {
  const columns = columnsBeside(rows, 'account', 'transaction_id');
  await trx
    .insertInto('transactions')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['account', 'transaction_id']).doUpdateSet(asInserted(columns)))
    .execute();
}
