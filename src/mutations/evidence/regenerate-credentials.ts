import type { Evidence } from '../../operations/evidence.ts';
import type { RegenerateCredentialsEvidence, RegenerateCredentialsResult } from '../regenerate-credentials.ts';

/** New credentials show where DIDfarm lists another username than before. The same one tells nothing. */
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
const changed = (trunk: string) =>
  `DIDfarm lists trunk ${trunk} with another username. Its new password is lost: regenerateTrunkCredentials with a new key makes another.`;
