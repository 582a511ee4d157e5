import { randomUUID } from 'node:crypto';
import type { Account } from '../account.ts';

/** One run of the process. What it works on is left alone by others on the same database for as long as it lives. */
export interface Run {
  readonly id: string;
  /** Says that it lives, and goes on saying so while the work is under way. */
  during<T>(work: () => Promise<T>): Promise<T>;
  lives(id: string): Promise<boolean>;
}

/** Milliseconds. A run that was killed is believed to live for as long as this. */
const lease = 15_000;
const renewEvery = 5_000;
const forgottenAfter = 86_400_000;

/** SQLite belongs to one process, so there every other run is dead. On PostgreSQL a lease tells, kept only while something is under way. */
export function createRun(account: Pick<Account, 'storage' | 'clock' | 'log'>): Run {
  const id = randomUUID();
  return account.storage.engine === 'sqlite'
    ? { id, during: (work) => work(), lives: async () => false }
    : leasedRun(id, account);
}

function leasedRun(id: string, { storage: { db }, clock, log }: Pick<Account, 'storage' | 'clock' | 'log'>): Run {
  const settingOf = (run: string) => `run:${run}`;
  let until = Number.NEGATIVE_INFINITY;
  let working = 0;
  let renewing = false;

  const renew = async () => {
    const next = clock.now() + lease;
    const value = String(next);
    await db
      .insertInto('settings')
      .values({ name: settingOf(id), value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }).where('settings.value', '<', value))
      .execute();
    until = next;
  };
  const forgetOthers = () =>
    db
      .deleteFrom('settings')
      .where('name', 'like', settingOf('%'))
      .where('value', '<', String(clock.now() - forgottenAfter))
      .execute();
  const keepRenewing = () => {
    if (renewing) return;
    renewing = true;
    clock.after(renewEvery, () => {
      renewing = false;
      if (working === 0) return;
      keepRenewing();
      renew().catch((error: unknown) => log.warn({ err: error }, 'The lease on operations under way was not renewed'));
    });
  };

  return {
    id,
    async during(work) {
      working += 1;
      try {
        if (until === Number.NEGATIVE_INFINITY) await forgetOthers();
        if (clock.now() > until - 2 * renewEvery) await renew();
        keepRenewing();
        return await work();
      } finally {
        working -= 1;
      }
    },
    async lives(other) {
      const row = await db
        .selectFrom('settings')
        .select('value')
        .where('name', '=', settingOf(other))
        .executeTakeFirst();
      return row !== undefined && Number(row.value) > clock.now();
    },
  };
}
