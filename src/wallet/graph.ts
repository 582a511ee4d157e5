import { ClientRef } from '../clients/graph.ts';
import { clientOf } from '../clients/listing.ts';
import { seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { type Connection, connect, connectionType, pageArguments } from '../graph/connections.ts';
import { type Context, nodesBy } from '../graph/context.ts';
import { MoneyRef } from '../graph/money.ts';
import { NumberRef } from '../numbers/graph.ts';
import { findNumber } from '../numbers/listing.ts';
import { OrderRef } from '../orders/graph.ts';
import { findOrder } from '../orders/listing.ts';
import type { Condition } from '../storage/pages.ts';
import type { NamedTrunk, NumberRow, OrderRow, TransactionRow } from '../storage/tables.ts';
import { TrunkRef } from '../trunks/graph.ts';
import { findTrunk } from '../trunks/listing.ts';
import {
  freshTransactions,
  mirrorIsComplete,
  type TransactionFilter,
  transactionById,
  transactionConditions,
  transactionRows,
} from './listing.ts';
import type { ReferenceType } from './references.ts';

const ReferenceTypeEnum = builder.enumType('ReferenceType', {
  description: "What a transaction is about. DIDfarm's own word is in `Transaction.rawReferenceType`.",
  values: {
    ORDER: { description: 'A checkout.' },
    NUMBER: { description: 'A number: its monthly renewal, its texts.' },
    TRUNK: { description: 'A trunk: its calls.' },
    UNKNOWN: { description: 'Nothing, such as a top-up, or something this gateway does not know.' },
  },
});

const TransactionReference = builder.unionType('TransactionReference', {
  description: 'What a transaction is about, as the gateway knows it.',
  types: [OrderRef, NumberRef, TrunkRef],
  resolveType: (row: OrderRow | NumberRow | NamedTrunk) =>
    'placed_at' in row ? OrderRef : 'sip_trunk_id' in row ? TrunkRef : NumberRef,
});

const TransactionRef = builder.objectRef<TransactionRow>('Transaction');

builder.node(TransactionRef, {
  ...seenByAll,
  description: "A row of the wallet's history: money that left or came.",
  id: { resolve: (transaction) => transaction.transaction_id },
  loadMany: nodesBy(transactionById),
  fields: (t) => ({
    transactionId: t.exposeString('transaction_id', { nullable: false, description: "DIDfarm's id." }),
    amount: t.field({
      type: MoneyRef,
      nullable: false,
      description: 'Negative where money left the wallet.',
      resolve: ({ amount, currency }) => ({ amount, currency }),
    }),
    kind: t.exposeString('kind', { description: 'DIDfarm\'s own word for what happened, such as "renewal".' }),
    description: t.exposeString('description', { description: 'In words, as DIDfarm wrote it.' }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When; null where DIDfarm did not say: such a transaction counts in no period.',
      resolve: (row) => (row.created_at === null ? null : new Date(row.created_at)),
    }),
    referenceType: t.field({
      type: ReferenceTypeEnum,
      nullable: false,
      description: 'What kind of thing it is about.',
      resolve: (row) => row.reference_type as ReferenceType,
    }),
    rawReferenceType: t.exposeString('raw_reference_type', { description: "DIDfarm's own word for it." }),
    referenceId: t.exposeString('reference_id', { description: "DIDfarm's id of the thing." }),
    reference: t.field({
      type: TransactionReference,
      description: 'The thing itself; null where the gateway does not know it, or you may not see it.',
      resolve: (row, _args, context) => referenceOf(row, context),
    }),
    client: t.field({
      type: ClientRef,
      description:
        'Whose it is: the client of the trunk it came to, when it first became known. A number that moves later takes no old transactions along.',
      resolve: (row, _args, context) => clientOf(context, row),
    }),
  }),
});

type Referred = OrderRow | NumberRow | NamedTrunk | null;

function referenceOf(row: TransactionRow, context: Context): Referred | Promise<Referred> {
  switch (row.reference_type as ReferenceType) {
    case 'ORDER':
      return row.order_id === null ? null : findOrder(context, row.order_id);
    case 'NUMBER':
      return row.e164 === null ? null : findNumber(context, row.e164);
    case 'TRUNK':
      return row.trunk_key === null ? null : findTrunk(context, row.trunk_key);
    case 'UNKNOWN':
      return null;
  }
}

export const TransactionConnection = connectionType('Transaction', TransactionRef, 'own');

const TransactionFilterInput = builder.inputType('TransactionFilter', {
  description: 'Which transactions; conditions are combined with AND.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', description: 'At or after this moment.' }),
    to: t.field({ type: 'DateTime', description: 'Before this moment.' }),
    referenceType: t.field({ type: [ReferenceTypeEnum], description: 'About one of these kinds of things.' }),
    client: t.id({ description: "Attributed to this client: a Client's global id." }),
    search: t.string({ description: 'Description, kind, reference id or transaction id contains this, in any case.' }),
  }),
});

/** The arguments of every connection of transactions. */
export const transactionArguments = {
  ...builder.args((t) => ({
    filter: t.field({ type: TransactionFilterInput, description: 'Which of them; all where it is left out.' }),
  })),
  ...pageArguments,
};

/** A page of transactions, of the whole account or of what `parent` says. */
export async function connectTransactions(
  context: Context,
  field: string,
  args: Parameters<typeof connect>[3] & { readonly filter?: TransactionFilter | null | undefined },
  parent: readonly Condition[],
): Promise<Connection<TransactionRow>> {
  await freshTransactions(context);
  const filter = transactionConditions(args.filter);
  const page = await connect(context, transactionRows, field, args, parent, filter);
  // As long as older transactions are still being read, a count would be one of what has arrived.
  return { ...page, totalCount: async () => ((await mirrorIsComplete(context)) ? page.totalCount() : null) };
}
