import { sql } from 'kysely';
import { andThen } from '../graph/at-once.ts';
import type { ConnectionOf } from '../graph/connections.ts';
import { type Context, perOperation } from '../graph/context.ts';
import { badInput } from '../graph/errors.ts';
import { readId } from '../graph/identifiers.ts';
import { rowsByKey } from '../graph/rows-by-key.ts';
import { searched } from '../graph/searched.ts';
import { type Condition, containsIn, oneOf, ownClient } from '../storage/pages.ts';
import type { NamedTrunk, ShownTrunk, TrunkStatusRow } from '../storage/tables.ts';
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

const { listing } = trunkRows;
const named = {
  name: 'named trunks',
  table: 'trunks',
  freshen: freshTrunks,
  listing: {
    ...listing,
    keys: ['trunk_key'],
    columns: [
      ...(['account', 'trunk_key', 'uuid', 'sip_trunk_id', 'name', 'sip_server', 'username', 'auth_type'] as const),
      ...(['client_key', 'client_name', 'client_override', 'first_seen'] as const),
    ],
  },
} as const;

/** What only names a trunk is no other when its status is, so that is read by itself: see {@link statusOf}. */
export const { loader: trunkByKey, find: findTrunk } = rowsByKey<string, NamedTrunk>('trunk_key', named);
export const { loader: trunkByUuid } = rowsByKey<string, NamedTrunk>('uuid', named);

const { find: findStatus } = rowsByKey<string, TrunkStatusRow & { readonly trunk_key: string }>('trunk_key', {
  ...named,
  name: 'trunk statuses',
  listing: { ...listing, keys: ['trunk_key'], columns: ['trunk_key', 'status', 'raw_status', 'status_since'] },
});

/** One that has gone since has the status of one that nobody knows. */
const gone: TrunkStatusRow = { status: 'UNKNOWN', raw_status: null, status_since: null };

/** At once where it was read with the trunk, or is known. */
export function statusOf(context: Context, trunk: NamedTrunk | ShownTrunk): TrunkStatusRow | Promise<TrunkStatusRow> {
  if ('status' in trunk) return trunk;
  return andThen(findStatus(context, trunk.trunk_key), (row) => row ?? gone);
}

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
  const words = containsIn(['name', 'username', 'uuid'], searched(filter?.search));
  if (words !== null) conditions.push(words);
  return conditions;
}

/**
 * A `trunk` argument: a global id or a uuid (or, for a trunk that DIDfarm lists without one, what stands in its `uuid` field).
 * Null where the account has no such trunk that the viewer may see. @throws BAD_USER_INPUT on another type's id.
 */
export async function trunkByArgument(context: Context, argument: string): Promise<NamedTrunk | null> {
  const id = readId(argument);
  if (id !== null && id.typename !== 'Trunk')
    throw badInput(`"trunk" takes the id or uuid of a Trunk; this is the id of a ${id.typename}.`, 'trunk');
  if (id !== null) return trunkByKey(context).load(id.id);
  return (await trunkByUuid(context).load(argument)) ?? trunkByKey(context).load(argument);
}
