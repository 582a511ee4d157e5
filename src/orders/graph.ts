import { nullUnless, seenWith } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { connect, connectionType, pageArguments } from '../graph/connections.ts';
import { nodesBy } from '../graph/context.ts';
import { euros, MoneyRef } from '../graph/money.ts';
import { NumberRef } from '../numbers/graph.ts';
import { findNumber } from '../numbers/listing.ts';
import type { OrderItemRow, OrderRow } from '../storage/tables.ts';
import { findOrder, orderById, orderItems, orderRows } from './listing.ts';

const OrderItemRef = builder.objectRef<OrderItemRow>('OrderItem').implement({
  ...seenWith('account'),
  description: 'One number of an order.',
  fields: (t) => ({
    e164: t.expose('e164', { type: 'PhoneNumber', nullable: false, description: 'The number that was bought.' }),
    didNumberId: t.exposeInt('did_number_id', { description: "DIDfarm's id for it." }),
    number: t.field({
      type: NumberRef,
      description: 'The number as it is now.',
      resolve: (item, _args, context) => findNumber(context, item.e164),
    }),
    monthlyRate: t.field({
      type: MoneyRef,
      description: 'What it cost a month when it was bought.',
      resolve: (item) => euros(item.monthly_rate),
    }),
    setupFee: t.field({ type: MoneyRef, description: 'What it cost once.', resolve: (item) => euros(item.setup_fee) }),
  }),
});

export const OrderRef = builder.objectRef<OrderRow>('Order');

builder.node(OrderRef, {
  ...seenWith('account'),
  description:
    'A checkout that went through. Known from its checkout, a webhook or the transaction that paid it. The viewer of one client sees none: an order may hold the numbers of several.',
  // An id that names no whole number is looked up as 0, which no order has.
  id: { resolve: (order) => String(order.order_id), parse: (id) => (/^\d{1,15}$/.test(id) ? Number(id) : 0) },
  loadMany: nodesBy(orderById),
  fields: (t) => ({
    orderId: t.exposeInt('order_id', { nullable: false, description: "DIDfarm's id." }),
    items: t.field({
      type: [OrderItemRef],
      nullable: false,
      description: 'The numbers bought; empty where only the payment is known.',
      resolve: (order, _args, context) => orderItems(context).load(order.order_id),
    }),
    total: t.field({ type: MoneyRef, description: 'What was paid.', resolve: (order) => euros(order.total) }),
    requiresRegulatory: t.boolean({
      nullable: false,
      description: 'Whether documents had to be submitted, as far as is known.',
      resolve: (order) => order.requires_regulatory === 1,
    }),
    placedAt: t.field({
      type: 'DateTime',
      nullable: false,
      description: 'When.',
      resolve: (order) => new Date(order.placed_at),
    }),
  }),
});

builder.objectField(NumberRef, 'order', (t) =>
  t.field({
    ...nullUnless('account'),
    type: OrderRef,
    description:
      'The order that bought it; null for the viewer of one client, since an order may hold those of others.',
    resolve: (number, _args, context) => (number.order_id === null ? null : findOrder(context, number.order_id)),
  }),
);

const OrderConnection = connectionType('Order', OrderRef, 'account');

builder.queryFields((t) => ({
  order: t.field({
    ...nullUnless('account'),
    type: OrderRef,
    description: "One order by DIDfarm's id; null for the viewer of one client.",
    args: { orderId: t.arg.int({ required: true, description: 'Such as 1042.' }) },
    resolve: (_root, { orderId }, context) => orderById(context).load(orderId),
  }),
  orders: t.field({
    ...nullUnless('account'),
    type: OrderConnection,
    description: "The account's orders, newest first; null for the viewer of one client.",
    args: pageArguments,
    resolve: (_root, args, context) => connect(context, orderRows, 'Query.orders', args, []),
  }),
}));
