import { clientKey } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import { readId } from '../graph/identifiers.ts';
import { notFound } from '../operations/failure.ts';
import type { TrunkRow } from '../storage/tables.ts';
import { regroup } from '../trunks/regroup.ts';
import { checkTrunkName } from './create-trunk.ts';
import { type Asker, knownTrunk } from './known-trunks.ts';

/** Which trunk was put under which client. */
export interface ClientAssignment {
  readonly trunk: string;
  readonly client: string;
}

/**
 * Puts a trunk, with its numbers and all their history, under a client: by name, or by the global id of one that there is. Under its
 * own name again it follows that name as before. @throws ActionFailed
 */
export async function assignTrunkToClient(asker: Asker, trunk: string, client: string): Promise<ClientAssignment> {
  const { account } = asker;
  const name = await clientNamed(account, client);
  checkTrunkName(name, 'client');
  const { trunk_key, name: ownName } = await knownTrunk(asker, trunk);
  const key = clientKey(name);
  const ofOwnName = key === clientKey(ownName);
  await account.storage.transaction(async (trx) => {
    await trx
      .updateTable('trunks')
      .set({
        client_key: key,
        client_name: ofOwnName ? ownName.trim() : name.trim(),
        client_override: ofOwnName ? null : name.trim(),
      })
      .where('account', '=', account.id)
      .where('trunk_key', '=', trunk_key)
      .execute();
    await regroup(trx, account.id, [{ trunk_key, client_key: key }]);
  });
  return { trunk: trunk_key, client: key };
}

async function clientNamed(account: Account, client: string): Promise<string> {
  const id = readId(client);
  if (id?.typename !== 'Client') return client;
  const known: Pick<TrunkRow, 'client_name'> | undefined = await account.storage.db
    .selectFrom('trunks')
    .select('client_name')
    .where('account', '=', account.id)
    .where('client_key', '=', id.id)
    .executeTakeFirst();
  if (known === undefined) throw notFound('client');
  return known.client_name;
}
