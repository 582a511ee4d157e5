import { callerPrefix } from '../access/grant.ts';
import { type AccountId, accountId } from '../access/viewer.ts';
import { repeat } from '../clock.ts';
import { forgetAccount } from '../storage/forget-account.ts';
import { readOrCreateSetting, writeSetting } from '../storage/settings.ts';
import type { Shared } from './running-account.ts';

const day = 86_400_000;
const lookEvery = 6 * 3_600_000;

/** How long what is stored of a caller's account is kept after its last use, in days; no shorter than its keys of mutations. */
const callersKeptDays = 30;

/** Which callers' accounts were used when, and the forgetting of those that are not used any more. */
export interface ForgottenCallers {
  /** To be called when an account is opened. */
  used(account: AccountId): Promise<void>;
  /** Waits for what is being forgotten. */
  stop(): Promise<void>;
}

interface ForgottenCallersOptions extends Pick<Shared, 'config' | 'storage' | 'clock' | 'log'> {
  readonly isOpen: (account: AccountId) => boolean;
  /** What is under way must be over before the account is opened. */
  readonly during: (work: Promise<void>) => void;
}

/** Looks now and from time to time. A day's use is noted once: more would only be more exact. */
export function startForgettingCallers(options: ForgottenCallersOptions): ForgottenCallers {
  const { config, storage, clock, log, isOpen, during } = options;
  const keptFor = Math.max(callersKeptDays, config.idempotencyKeyDays) * day;
  const used = (account: AccountId) => writeSetting(storage, settingOf(account), String(clock.now()));

  const lastUse = async (account: AccountId) => {
    // One that is known from before such notes were made is taken for just used.
    const noted = await readOrCreateSetting(storage, settingOf(account), () => String(clock.now()));
    return Number(noted);
  };
  const look = async () => {
    for (const account of await callersIn(options)) {
      if (isOpen(account)) await used(account);
      else if ((await lastUse(account)) < clock.now() - keptFor && !isOpen(account)) {
        const forgotten = forgetAccount(storage, account);
        during(forgotten);
        await forgotten;
        log.info({ account }, 'What was stored of a caller’s account is forgotten: it was not used for long');
      }
    }
  };
  const stop = repeat(clock, lookEvery, () =>
    look().catch((error: unknown) =>
      log.warn({ err: error }, 'Accounts of callers of long ago could not be forgotten'),
    ),
  );
  return { used, stop };
}

const settingOf = (account: string) => `last use of ${account}`;

/** Those of whom anything is stored. */
async function callersIn({ storage }: Pick<Shared, 'storage'>): Promise<readonly AccountId[]> {
  const rows = await storage.db
    .selectFrom('settings')
    .select('name')
    .where('name', 'like', `% of ${callerPrefix}%`)
    .execute();
  return [...new Set(rows.map(({ name }) => name.slice(name.indexOf(callerPrefix))))].map(accountId);
}
