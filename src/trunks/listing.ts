import { sql } from 'kysely';
import type { ConnectionOf } from '../graph/connections.ts';
import { type Context, perOperation } from '../graph/context.ts';
import { badInput } from '../graph/errors.ts';
import { readId } from '../graph/identifiers.ts';
import { rowsByKey } from '../graph/rows-by-key.ts';
import { type Condition, contains, oneOf, ownClient } from '../storage/pages.ts';
import type { ShownTrunk } from '../storage/tables.ts';
import { readTrunks } from './refresh.ts';
import type { TrunkStatus } from './trunks.ts';

/** Trunks by client and then by key, so that a client's stand together. */
export const trunkRows: ConnectionOf<ShownTrunk> = {
  name: 'trunks',
  listing: {
    source: sql.table('trunks'),
    keys: ['client_key', 'trunk_key'],
    direction: 'asc',
    visible: ownClient,
  },
};

/** Once an operation, before the first trunk is read: the listing, as fresh as its bound asks. A promise only where that takes a while. */
export const freshTrunks = perOperation((context) => readTrunks(context.account, context.use));

const byKey = { listing: trunkRows.listing, table: 'trunks', freshen: freshTrunks } as const;

export const { loader: trunkByKey, find: findTrunk } = rowsByKey<string, ShownTrunk>('trunk_key', byKey);
export const { loader: trunkByUuid } = rowsByKey<string, ShownTrunk>('uuid', byKey);

/** TrunkFilter of the graph. */
export interface TrunkFilter {
  readonly status?: readonly TrunkStatus[] | null | undefined;
  readonly client?: string | null | undefined;
  readonly search?: string | null | undefined;
}

export function trunkConditions(
  filter: TrunkFilter | null | undefined,
  clientKeyOf: (id: string) => string,
): Condition[] {
  const conditions: Condition[] = [];
  if (filter?.status != null) conditions.push(oneOf('status', filter.status));
  if (filter?.client != null) conditions.push(sql`client_key = ${clientKeyOf(filter.client)}`);
  if (filter?.search != null)
    conditions.push(
      sql`(${contains('name', filter.search)} or ${contains('username', filter.search)} or ${contains('uuid', filter.search)})`,
    );
  return conditions;
}

/**
 * A `trunk` argument: a global id or a uuid (or, for a trunk that DIDfarm lists without one, what stands in its `uuid` field).
 * Null where the account has no such trunk that the viewer may see. @throws BAD_USER_INPUT on another type's id.
 */
export async function trunkByArgument(context: Context, argument: string): Promise<ShownTrunk | null> {
  const id = readId(argument);
  if (id !== null && id.typename !== 'Trunk')
    throw badInput(`"trunk" takes the id or uuid of a Trunk; this is the id of a ${id.typename}.`, 'trunk');
  if (id !== null) return trunkByKey(context).load(id.id);
  return (await trunkByUuid(context).load(argument)) ?? trunkByKey(context).load(argument);
}
