import type { Evidence } from '../../operations/evidence.ts';
import type { RegenerateCredentialsEvidence, RegenerateCredentialsResult } from '../regenerate-credentials.ts';

/** New credentials show where DIDfarm lists another username than before. The same one tells nothing. */
export const regenerateCredentialsEvidence: Evidence<RegenerateCredentialsEvidence> = {
  source: 'trunks',
  async judge(trx, account, { known: { trunk, username } }) {
    const now = await trx
      .selectFrom('trunks')
      .select('username')
      .where('account', '=', account.id)
      .where('trunk_key', '=', trunk)
      .executeTakeFirst();
    const isOther = username !== null && now?.username != null && now.username !== username;
    if (!isOther) return { says: 'unclear' };
    return { says: 'happened', apply: async (): Promise<RegenerateCredentialsResult> => ({ trunk }) };
  },
};
