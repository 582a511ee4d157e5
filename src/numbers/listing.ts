import { sql } from 'kysely';
import { clientKeyOf, ofClient } from '../clients/listing.ts';
import type { ConnectionOf } from '../graph/connections.ts';
import type { Context } from '../graph/context.ts';
import { rowsByKey } from '../graph/rows-by-key.ts';
import { searched } from '../graph/searched.ts';
import { type Condition, contains, type Filter, oneOf, ownClient, searchedFor } from '../storage/pages.ts';
import type { NumberRow } from '../storage/tables.ts';
import { trunkByArgument } from '../trunks/listing.ts';
import type { NumberStatus, NumberType } from './numbers.ts';

/** The account's own numbers, in the order of their digits. */
export const numberRows: ConnectionOf<NumberRow> = {
  name: 'numbers',
  listing: { source: sql.table('numbers'), keys: ['e164'], direction: 'asc', visible: ownClient },
};

export const { loader: numberByE164, find: findNumber } = rowsByKey<string, NumberRow>('e164', {
  ...numberRows,
  table: 'numbers',
});

/** NumberFilter of the graph. */
export interface NumberFilter {
  readonly status?: readonly NumberStatus[] | null | undefined;
  readonly country?: string | null | undefined;
  readonly type?: NumberType | null | undefined;
  readonly smsEnabled?: boolean | null | undefined;
  readonly trunk?: string | null | undefined;
  readonly client?: string | null | undefined;
  readonly unassigned?: boolean | null | undefined;
  readonly search?: string | null | undefined;
}

/** The filter in SQL. A trunk that is not there, or not to be seen, has no numbers. */
export async function numberConditions(context: Context, filter: NumberFilter | null | undefined): Promise<Filter> {
  const indexed: Condition[] = [];
  const others: Condition[] = [];
  if (filter?.trunk != null) {
    const trunk = await trunkByArgument(context, filter.trunk);
    indexed.push(oneOf('trunk_key', trunk === null ? [] : [trunk.trunk_key]));
  }
  if (filter?.client != null) indexed.push(ofClient(clientKeyOf(filter.client)));
  if (filter?.status != null) others.push(oneOf('status', filter.status));
  if (filter?.country != null) others.push(sql`country = ${filter.country}`);
  if (filter?.type != null) others.push(sql`type = ${filter.type}`);
  if (filter?.smsEnabled != null) others.push(sql`sms_enabled = ${filter.smsEnabled ? 1 : 0}`);
  if (filter?.unassigned != null) others.push(filter.unassigned ? sql`trunk_key is null` : sql`trunk_key is not null`);
  const typed = searched(filter?.search);
  const words = typed === null ? null : sql`(${contains('e164', digits(typed))} or ${contains('city', typed)})`;
  return searchedFor(words, indexed, others);
}

/** "+31 (20) 123" is looked for as "+3120123"; a city's name stays as it is. */
function digits(search: string): string {
  return /^[+\d\s().-]+$/.test(search) ? search.replace(/[\s().-]/g, '') : search;
}
