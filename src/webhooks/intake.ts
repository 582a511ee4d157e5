import { setImmediate } from 'node:timers/promises';
import type { Account } from '../account.ts';
import type { Bus } from '../events/bus.ts';
import { afterCommit } from '../storage/after-commit.ts';
import { StorageError } from '../storage/storage-error.ts';
import { type Recorded, recordDelivery } from './apply.ts';
import type { Delivery } from './delivery.ts';
import { WebhookRefusal } from './refusal.ts';

export interface IntakeOptions {
  readonly account: Account;
  readonly bus: Bus;
}

/** Where verified deliveries go: those that come in together share a commit, and so what a commit costs. */
export interface Intake {
  /**
   * Resolves when the delivery is recorded, applied and committed; null where the same bytes were before. Rejects with what storage
   * throws: then nothing of it is kept. @throws WebhookRefusal 503 where more are waiting than can be answered in time
   */
  take(delivery: Delivery): Promise<Recorded | null>;
  /** Nothing is waiting or being committed any more. */
  settled(): Promise<void>;
  /** Since the start. */
  stats(): IntakeStats;
}

/** How many deliveries were committed, the repeated ones included, in how many commits. */
export interface IntakeStats {
  readonly deliveries: number;
  readonly commits: number;
}

interface Waiting extends Omit<PromiseWithResolvers<Recorded | null>, 'promise'> {
  readonly delivery: Delivery;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** A larger group would save next to nothing, and keep everybody else from the database for longer. */
const largestGroup = 100;
/** So many are recorded until whatever else the process has to do gets its turn: a few milliseconds. */
const recordedATurn = 16;
/** DIDfarm waits three seconds for an answer; what is behind so many others would hardly get one. */
const mostWaiting = 5_000;

/** Commits in groups: what came in while the last group was committed is the next one, in the order it came. */
export function createIntake({ account, bus }: IntakeOptions): Intake {
  const waiting: Waiting[] = [];
  let working: Promise<void> | null = null;
  const stats = { deliveries: 0, commits: 0 };

  const work = async () => {
    while (waiting.length > 0) {
      // Requests that are there already are read in this turn of the event loop, and belong to the group.
      await setImmediate();
      await commit(waiting.splice(0, largestGroup));
    }
    working = null;
  };

  const commit = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const outcomes = await record(account, bus, group);
      stats.commits += 1;
      stats.deliveries += group.length;
      group.forEach(({ resolve }, place) => void resolve(outcomes[place] ?? null));
    } catch (error) {
      // A database that fails, fails for all. Otherwise one of them is at fault, and must not keep the others out.
      const isOfOne = group.length > 1 && !(error instanceof StorageError);
      if (isOfOne) return commitEach(group);
      for (const { reject } of group) reject(error);
    }
  };

  const commitEach = async (group: readonly Waiting[]): Promise<void> => {
    for (const each of group) await commit([each]);
  };

  return {
    async take(delivery) {
      if (waiting.length >= mostWaiting) throw new WebhookRefusal(503, null, 'Too many webhooks at once.');
      const { promise, resolve, reject } = Promise.withResolvers<Recorded | null>();
      waiting.push({ delivery, receivedAt: account.clock.now(), resolve, reject });
      working ??= work();
      return promise;
    },
    async settled() {
      await working;
    },
    stats: () => stats,
  };
}

/** All of a group in one transaction; each sees what those before it did. */
function record(account: Account, bus: Bus, group: readonly Waiting[]): Promise<(Recorded | null)[]> {
  return account.storage.transaction(async (trx) => {
    // Also for what comes again alone: the first may have been committed by a database that was gone before anybody could read it.
    afterCommit(trx, () => bus.wake(account.id));
    const outcomes: (Recorded | null)[] = [];
    for (const { delivery, receivedAt } of group) {
      if (outcomes.length > 0 && outcomes.length % recordedATurn === 0) await setImmediate();
      outcomes.push(await recordDelivery(trx, account, delivery, receivedAt));
    }
    return outcomes;
  });
}
