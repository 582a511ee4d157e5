import DataLoader from 'dataloader';
import { sql } from 'kysely';
import type { ConnectionOf } from '../graph/connections.ts';
import { type Context, perOperation } from '../graph/context.ts';
import { rowsByKey } from '../graph/rows-by-key.ts';
import { wholeAccount } from '../storage/pages.ts';
import type { OrderItemRow, OrderRow } from '../storage/tables.ts';

/** Orders, newest first. They are the account's: a client's viewer sees none. */
export const orderRows: ConnectionOf<OrderRow> = {
  name: 'orders',
  listing: {
    source: sql.table('orders'),
    keys: ['placed_at', 'order_id'],
    direction: 'desc',
    visible: wholeAccount,
  },
};

export const { loader: orderById, find: findOrder } = rowsByKey<number, OrderRow>('order_id', {
  ...orderRows,
  table: 'orders',
});

/** An order's items: what its checkout answered, or, for an order only heard of, the numbers known to come from it. */
export const orderItems = perOperation(
  (context) => new DataLoader<number, readonly OrderItemRow[]>((orders) => readItems(context, orders)),
);

async function readItems(context: Context, orders: readonly number[]): Promise<readonly OrderItemRow[][]> {
  const { scope } = context;
  const { account } = scope;
  const found = await sql<OrderItemRow>`
    select account, order_id, e164, did_number_id, monthly_rate, setup_fee from order_items
      where account = ${account} and ${wholeAccount(scope)} and order_id in (${sql.join(orders)})
    union
    select account, order_id, e164, did_number_id, monthly_rate, setup_fee from numbers
      where account = ${account} and ${wholeAccount(scope)} and order_id in (${sql.join(orders)}) and not exists (
        select 1 from order_items where order_items.account = numbers.account
          and order_items.order_id = numbers.order_id and order_items.e164 = numbers.e164)
    order by e164`.execute(context.account.storage.db);
  const byOrder = Map.groupBy(found.rows, (row) => Number(row.order_id));
  return orders.map((order) => byOrder.get(order) ?? []);
}
