import { sql } from 'kysely';
import { clientKeyOf, ofClient } from '../clients/listing.ts';
import type { ConnectionOf } from '../graph/connections.ts';
import { type Context, loaderByKey, perOperation } from '../graph/context.ts';
import { searched } from '../graph/searched.ts';
import { type Condition, containsIn, type Filter, oneOf, ownClient, readRows, searchedFor } from '../storage/pages.ts';
import type { TransactionRow } from '../storage/tables.ts';
import { headResource, progressOf, readMirror } from './mirror-state.ts';
import type { ReferenceType } from './references.ts';
import { refreshTransactions } from './refresh.ts';

/** Transactions, newest first; those without a date are the last. A client's are those attributed to its trunks. */
export const transactionRows: ConnectionOf<TransactionRow> = {
  name: 'transactions',
  listing: {
    source: sql.table('transactions'),
    keys: ['sort_at', 'transaction_id'],
    direction: 'desc',
    visible: ownClient,
  },
};

/** Once an operation, before the first transaction is read or summed up. */
export const freshTransactions = perOperation((context) => refreshTransactions(context.account, context.use));

/** Whether all transactions that DIDfarm has are in the mirror, so that a count of them is one. One row by its key. */
export const mirrorIsComplete = perOperation(async ({ account }: Context) => {
  const state = await readMirror(account.storage.db, account.id);
  return state !== null && progressOf(state).complete;
});

/**
 * To be waited for before transactions are summed up, and not after, when the rest may have come: whether the sum is one of
 * all of them. Where it is not, the answer says so in its extensions too.
 */
export const wholeTransactions = perOperation(async (context) => {
  const read = await freshTransactions(context);
  const complete = await mirrorIsComplete(context);
  if (!complete) context.use.onServed({ resource: headResource, asOf: read.asOf, stale: true });
  return complete;
});

export const transactionById = loaderByKey<string, TransactionRow>(
  async (context, ids) => {
    await freshTransactions(context);
    return readRows(context.account.storage, transactionRows.listing, context.scope, 'transaction_id', ids);
  },
  (row) => row.transaction_id,
);

/** TransactionFilter of the graph. */
export interface TransactionFilter {
  readonly from?: Date | null | undefined;
  readonly to?: Date | null | undefined;
  readonly referenceType?: readonly ReferenceType[] | null | undefined;
  readonly client?: string | null | undefined;
  readonly search?: string | null | undefined;
}

const searchedIn = ['description', 'kind', 'reference_id', 'transaction_id'];

/** The filter in SQL. What has no date lies in no span of time. */
export function transactionConditions(filter: TransactionFilter | null | undefined): Filter {
  const indexed: Condition[] = [];
  if (filter?.from != null || filter?.to != null) indexed.push(sql`created_at is not null`);
  if (filter?.from != null) indexed.push(sql`sort_at >= ${filter.from.getTime()}`);
  if (filter?.to != null) indexed.push(sql`sort_at < ${filter.to.getTime()}`);
  if (filter?.client != null) indexed.push(ofClient(clientKeyOf(filter.client)));
  const others = filter?.referenceType == null ? [] : [ofTypes([...new Set(filter.referenceType)])];
  return searchedFor(containsIn(searchedIn, searched(filter?.search)), indexed, others);
}

/** One type is a range of its index; several are picked while reading in order, which saves sorting all of them. */
function ofTypes(types: readonly ReferenceType[]): Condition {
  const [type] = types;
  if (type !== undefined && types.length === 1) return sql`reference_type = ${type}`;
  return types.length === 0 ? oneOf('reference_type', types) : sql`(reference_type || '') in (${sql.join(types)})`;
}
