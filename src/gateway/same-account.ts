import { createHmac } from 'node:crypto';
import type { Account } from '../account.ts';
import { readAllPages } from '../didfarm/pages.ts';
import { readOrCreateSetting, writeSetting } from '../storage/settings.ts';
import { StorageError } from '../storage/storage-error.ts';
import { newTrunkKey } from '../trunks/trunks.ts';

/** How long the one question may take that a changed key costs, in milliseconds. */
const allowance = 10_000;
const mostPages = 20;

/**
 * A key that is another than last time was exchanged, or is another account's: one that lists none of the trunks known here is taken
 * for the latter, since two accounts in one picture would bill one for the other. Only a fingerprint of the key is kept.
 * @throws StorageError `OTHER_ACCOUNT`
 */
export async function refuseOtherAccount(account: Account, apiKey: string, secret: string): Promise<void> {
  const { storage, clock, log } = account;
  const name = `key of ${account.id}`;
  const fingerprint = createHmac('sha256', secret).update(apiKey).digest('hex');
  if ((await readOrCreateSetting(storage, name, () => fingerprint)) === fingerprint) return;
  const known = await storage.db.selectFrom('trunks').select('uuid').where('account', '=', account.id).execute();
  const uuids = new Set(known.flatMap((trunk) => trunk.uuid ?? []));
  try {
    const call = { priority: 'act', deadline: clock.now() + allowance } as const;
    const options = { maxPages: mostPages, keyOf: newTrunkKey };
    const { items } = await readAllPages((page) => account.didfarm.listTrunks({ page }, call), options);
    const listed = items.flatMap((trunk) => trunk.uuid ?? []);
    if (uuids.size > 0 && listed.length > 0 && !listed.some((uuid) => uuids.has(uuid))) throw otherAccount();
    await writeSetting(storage, name, fingerprint);
  } catch (error) {
    if (error instanceof StorageError) throw error;
    log.warn(
      { err: error },
      'The API key is another than last time, and DIDfarm could not be asked whether its account is',
    );
  }
}

function otherAccount(): StorageError {
  return new StorageError(
    'OTHER_ACCOUNT',
    'This database belongs to another DIDfarm account: the API key lists none of its trunks. Set the former DIDFARM_API_KEY, or give this account a DATABASE_URL of its own.',
  );
}
