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
    if (!isOther) return { says: 'unclear' };
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
      return { says: 'unclear' };
    return { says: 'happened', apply: async (): Promise<RegenerateCredentialsResult> => ({ trunk }) };
  },
};
