import Big from 'big.js';
import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import { decimal } from '../../graph/money.ts';
import type { Tables, TransactionRow } from '../../storage/tables.ts';

interface Explanation {
  /** E.164: the numbers whose debit is looked for. */
  readonly numbers: readonly string[];
  /** Orders that other operations placed. */
  readonly others: ReadonlyMap<number, unknown>;
}

/** Those that are not certainly something else: an order whose numbers are known, or what another number or a trunk cost. */
export async function unexplainedDebits(
  trx: Transaction<Tables>,
  account: Account,
  debits: readonly TransactionRow[],
  { numbers, others }: Explanation,
): Promise<TransactionRow[]> {
  const owned = await ordersWithNumbers(trx, account, debits);
  return debits.filter((row) => {
    if (row.reference_type === 'ORDER')
      return row.order_id === null || !(owned.has(row.order_id) || others.has(row.order_id));
    if (row.reference_type === 'NUMBER') return row.e164 === null || numbers.includes(row.e164);
    return row.reference_type !== 'TRUNK' || row.trunk_key === null;
  });
}

/** The one order that debits are for; null where they are for several, or for none that is named. */
export function orderIn(debits: readonly TransactionRow[]): number | null {
  const [order = null, ...others] = new Set(debits.map((row) => row.order_id));
  return others.length === 0 ? order : null;
}

/** What debits sum to, positive. */
export function paidIn(debits: readonly TransactionRow[]): string {
  return decimal(debits.reduce((sum, { amount }) => sum.minus(amount), new Big(0)));
}

/** Whether debits are a price, where that is known: DIDfarm may book one for an order, or one for each of its numbers. */
export function costs(price: string | null, debits: readonly TransactionRow[]): boolean {
  return price !== null && new Big(price).eq(paidIn(debits));
}

/** Of the orders of debits, those that are known to have bought numbers, by answers and events. */
async function ordersWithNumbers(
  trx: Transaction<Tables>,
  account: Account,
  debits: readonly TransactionRow[],
): Promise<ReadonlySet<number>> {
  const orders = debits.flatMap(({ order_id }) => order_id ?? []);
  if (orders.length === 0) return new Set();
  const rows = await Promise.all(
    (['order_items', 'numbers'] as const).map((table) =>
      trx
        .selectFrom(table)
        .select('order_id')
        .where('account', '=', account.id)
        .where('order_id', 'in', orders)
        .execute(),
    ),
  );
  return new Set(rows.flat().flatMap(({ order_id }) => order_id ?? []));
}
