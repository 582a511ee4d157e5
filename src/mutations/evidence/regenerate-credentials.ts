import type { Evidence } from '../../operations/evidence.ts';
import { lookedAt } from '../../operations/look.ts';
import type { RegenerateCredentialsEvidence, RegenerateCredentialsResult } from '../regenerate-credentials.ts';
import { bookedWithin } from './debits.ts';

/**
 * New credentials show where DIDfarm soon lists another username than before. The same one tells nothing, and another much later may be
 * the portal's doing.
 */
export const regenerateCredentialsEvidence: Evidence<RegenerateCredentialsEvidence> = {
  source: 'trunks',
  async judge(trx, account, { known: { trunk, username }, sentAt }) {
    const now = await trx
      .selectFrom('trunks')
      .select('username')
      .where('account', '=', account.id)
      .where('trunk_key', '=', trunk)
      .executeTakeFirst();
    const isOther = username !== null && now?.username != null && now.username !== username;
    if (!isOther) return { says: 'unclear', findings: [same(trunk)] };
    const since = await trx
      .selectFrom('operation_steps')
      .select('result')
      .where('account', '=', account.id)
      .where('name', '=', 'regenerate-credentials')
      .where('status', '=', 'SUCCEEDED')
      .where('at', '>=', sentAt)
      .execute();
    // Another regeneration of the same trunk explains the name as well.
    if (since.some(({ result }) => (JSON.parse(result ?? '{}') as RegenerateCredentialsResult).trunk === trunk))
      return { says: 'unclear', findings: [another(trunk)] };
    if ((await lookedAt(trx, account, 'trunks')) > sentAt + bookedWithin)
      return { says: 'unclear', findings: [late(trunk)] };
    return {
      says: 'happened',
      certain: true,
      findings: [changed(trunk)],
      apply: async (): Promise<RegenerateCredentialsResult> => ({ trunk }),
    };
  },
};

const same = (trunk: string) =>
  `DIDfarm lists trunk ${trunk} with the username that it had: whether its password is another now does not show. If its PBX cannot register, make new credentials with a new key.`;
const another = (trunk: string) =>
  `Trunk ${trunk} was given new credentials by another operation since, which are those that hold.`;
const late = (trunk: string) =>
  `DIDfarm lists trunk ${trunk} with another username, which may be from this or was made elsewhere since: it was seen too late to tell. If its PBX cannot register, make new credentials with a new key.`;
const changed = (trunk: string) =>
  `DIDfarm lists trunk ${trunk} with another username. Its new password is lost: regenerateTrunkCredentials with a new key makes another.`;
