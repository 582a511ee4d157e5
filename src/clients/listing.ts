import { sql } from 'kysely';
import { andThen } from '../graph/at-once.ts';
import type { ConnectionOf } from '../graph/connections.ts';
import type { Context } from '../graph/context.ts';
import { decodeIdOf } from '../graph/identifiers.ts';
import { rowsByKey } from '../graph/rows-by-key.ts';
import { type Condition, ownClient } from '../storage/pages.ts';
import { findTrunk, freshTrunks } from '../trunks/listing.ts';

/** A client is no row of its own: it is the trunks of an account that carry one name, or were put under it. */
export interface ClientRow {
  readonly account: string;
  /** The name as it is compared: trimmed, lower case. */
  readonly client_key: string;
  /** The name as it is shown: its first trunk's spelling. */
  readonly client_name: string;
}

/** Clients by name. */
export const clientRows: ConnectionOf<ClientRow> = {
  name: 'clients',
  listing: {
    source: sql`(
      select account, client_key, (
        select trunks.client_name from trunks
          where trunks.account = grouped.account and trunks.client_key = grouped.client_key
          order by trunks.first_seen, coalesce(trunks.sip_trunk_id, 9007199254740991), trunks.trunk_key limit 1
      ) as client_name
      from trunks as grouped group by account, client_key
    ) as clients`,
    keys: ['client_key'],
    direction: 'asc',
    visible: ownClient,
  },
};

export const { loader: clientByKey, find: findClient } = rowsByKey<string, ClientRow>('client_key', {
  ...clientRows,
  table: 'trunks',
  freshen: freshTrunks,
});

interface Owned {
  readonly client_key: string | null;
  readonly trunk_key: string | null;
}

/** Whose a row is. A listing that came while the row was read may have put its trunk under another client: then that one's. */
export function clientOf(context: Context, row: Owned): ClientRow | null | Promise<ClientRow | null> {
  if (row.client_key === null) return null;
  return andThen(findClient(context, row.client_key), (client) => client ?? clientOfTrunk(context, row));
}

async function clientOfTrunk(context: Context, { trunk_key }: Owned): Promise<ClientRow | null> {
  const trunk = trunk_key === null ? null : await findTrunk(context, trunk_key);
  return trunk === null ? null : findClient(context, trunk.client_key);
}

/** The key in a `client` argument, which takes a Client's global id. @throws BAD_USER_INPUT on anything else. */
export function clientKeyOf(id: string, argument = 'filter.client'): string {
  return decodeIdOf('Client', id, argument);
}

/** Rows of one client, for any listing that carries `client_key`. */
export function ofClient(key: string): Condition {
  return sql`client_key = ${key}`;
}
