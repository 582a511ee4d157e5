import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import type { TrunkCredentials } from '../didfarm/client.ts';
import type { Mutation } from '../operations/engine.ts';
import { invalid } from '../operations/failure.ts';
import type { Tables } from '../storage/tables.ts';
import { expireTrunks } from '../trunks/refresh.ts';
import { credentialsOf } from './create-trunk.ts';
import { knownTrunk } from './known-trunks.ts';

export interface RegenerateCredentialsInput {
  /** Its key or uuid. */
  readonly trunk: string;
}

/** Whose credentials are new, by its key. */
export interface RegenerateCredentialsResult {
  readonly trunk: string;
}

/** What tells afterwards whether they were made: DIDfarm may list another username than before. */
export interface RegenerateCredentialsEvidence {
  readonly trunk: string;
  readonly username: string | null;
}

/** Makes new credentials (Connect guide, "Regenerate Credentials"): the PBX that uses the old ones is disconnected. */
export const regenerateCredentials: Mutation<
  RegenerateCredentialsInput,
  RegenerateCredentialsResult,
  TrunkCredentials
> = {
  name: 'regenerateTrunkCredentials',
  async run(operation, input) {
    const { account } = operation;
    const { trunk_key: trunk, uuid, username } = await knownTrunk(operation, input.trunk);
    if (uuid === null)
      throw invalid([
        { path: 'trunk', message: 'DIDfarm lists this trunk without its uuid, which this needs: do it in its portal.' },
      ]);
    const { result, answer } = await operation.step({
      name: 'regenerate-credentials',
      evidence: async (): Promise<RegenerateCredentialsEvidence> => ({ trunk, username }),
      send: (call) => account.didfarm.regenerateCredentials(uuid, call),
      apply: (trx, credentials) => learnCredentials(trx, account, trunk, credentials),
    });
    // That the PBX is disconnected is in the listing, not in this answer.
    await expireTrunks(account);
    return { result, secret: credentialsOf(answer) };
  },
};

/** What a PBX registers with from now on, as far as it is no secret; what is null stays as it was. */
export async function learnCredentials(
  trx: Transaction<Tables>,
  account: Account,
  trunk: string,
  { sipServer, username }: Pick<TrunkCredentials, 'sipServer' | 'username'>,
): Promise<RegenerateCredentialsResult> {
  const told = { ...(sipServer !== null && { sip_server: sipServer }), ...(username !== null && { username }) };
  if (Object.keys(told).length > 0)
    await trx
      .updateTable('trunks')
      .set(told)
      .where('account', '=', account.id)
      .where('trunk_key', '=', trunk)
      .execute();
  return { trunk };
}
