import { sql, type Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import { fromE8 } from '../graph/money.ts';
import { asInserted } from '../storage/rows.ts';
import type { Tables } from '../storage/tables.ts';

/**
 * DIDfarm lists no orders, but a transaction that refers to one tells that it was placed, when, and what was paid in euros.
 * An order whose items are known came from its checkout, which knows better: it stays as it is.
 */
export async function teachOrders(
  trx: Transaction<Tables>,
  account: AccountId,
  orderIds: readonly number[],
): Promise<void> {
  if (orderIds.length === 0) return;
  const paid = await sql<{ order_id: number; placed_at: number; paid_e8: string | null }>`
    select order_id, min(created_at) as placed_at,
      cast(sum(case when currency <> 'EUR' then null when amount_e8 < 0 then -amount_e8 else 0 end) as text) as paid_e8
    from transactions
    where account = ${account} and order_id in (${sql.join(orderIds)}) and created_at is not null
      and not exists (
        select 1 from order_items where order_items.account = transactions.account
          and order_items.order_id = transactions.order_id)
    group by order_id`.execute(trx);
  if (paid.rows.length === 0) return;
  await trx
    .insertInto('orders')
    .values(
      paid.rows.map((row) => ({
        account,
        order_id: Number(row.order_id),
        placed_at: Number(row.placed_at),
        total: row.paid_e8 === null ? null : fromE8(BigInt(row.paid_e8)),
        requires_regulatory: 0,
      })),
    )
    .onConflict((conflict) => conflict.columns(['account', 'order_id']).doUpdateSet(asInserted(['placed_at', 'total'])))
    .execute();
}
