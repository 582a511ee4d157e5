import type { Account } from '../account.ts';
import type { Cancel } from '../clock.ts';
import type { OperationRow } from '../storage/operation-tables.ts';
import { walletPolicy } from '../wallet/wallet.ts';
import { kindOf } from './attempts.ts';
import type { Engine } from './engine.ts';
import type { Source } from './evidence.ts';
import { look, lookedAt } from './look.ts';
import { isReviewable, review } from './review.ts';
import { enoughLooks, lostStep, type Settling, settle } from './settle.ts';
import { findSteps, keyOf } from './store.ts';
import { createWatch } from './watch.ts';

/** Finds out what became of calls whose answer was lost. It sends nothing that changes anything. */
export interface Reconciler {
  /** Something may have become known: looks through what is unknown, in the background. */
  wake(): void;
  /** Nothing is being looked through. */
  settled(): Promise<void>;
  /** Ends it after what is under way. */
  stop(): Promise<void>;
}

interface Unknown {
  readonly row: OperationRow;
  readonly source: Source | null;
  /** When the outcome was lost, epoch milliseconds. */
  readonly at: number;
  /** Whether it was looked for often enough to say that it was not done. */
  readonly enough: boolean;
}

const minute = 60_000;
const sources: readonly Source[] = ['transactions', 'trunks'];

/** How long to wait before a listing is read anew for a lost call; null: no more. Milliseconds. */
function pause({ at, enough }: Unknown, now: number): number | null {
  const age = now - at;
  if (age < 2 * minute) return 15_000;
  if (age < 60 * minute) return minute;
  return age < 1440 * minute || !enough ? 10 * minute : null;
}

/** The reconciler of one account. With nothing pending or unknown a look through costs one indexed query. */
export function createReconciler(
  account: Account,
  { recover }: Pick<Engine, 'recover'>,
  settling: Settling,
): Reconciler {
  const { storage, clock, log } = account;
  let running: Promise<void> | null = null;
  let again = false;
  const stopping = new AbortController();
  /** When a listing was last asked for, answered or not. */
  const tried = new Map<Source, number>();
  const watch = createWatch(clock);
  let cancel: Cancel = () => undefined;

  const unsettled = () =>
    storage.db
      .selectFrom('operations')
      .selectAll()
      .where('account', '=', account.id)
      .where((eb) => eb.or([eb('status', 'in', ['PENDING', 'UNKNOWN']), eb('review', '=', 1)]))
      .orderBy('started_at')
      .execute();
  const describe = async (row: OperationRow): Promise<Unknown> => {
    const step = lostStep(await findSteps(storage.db, keyOf(row)));
    return {
      row,
      source: (step && settling.evidence[kindOf(step.name)]?.source) ?? null,
      at: step?.at ?? row.started_at,
      enough: (step?.looks ?? 0) >= enoughLooks,
    };
  };
  const settleAll = async (unknown: readonly Unknown[]) => {
    const left: Unknown[] = [];
    for (const each of unknown) if (!(await settle(account, settling, each.row, watch))) left.push(each);
    if (left.length < unknown.length) await account.snapshots.expire(account.id, walletPolicy, '');
    return left;
  };
  /** What was settled from evidence, in the light of what came since. */
  const reviewAll = async (settled: readonly OperationRow[]) => {
    for (const row of settled)
      if (isReviewable(row) && (await review(account, settling, row)))
        await account.snapshots.expire(account.id, walletPolicy, '');
  };
  /** When a listing is to be read for them next: at once after the loss, and where that did not tell, again and again. */
  const dueAt = async (source: Source, unknown: readonly Unknown[]) => {
    const read = await lookedAt(storage.db, account, source);
    const asked = tried.get(source) ?? Number.NEGATIVE_INFINITY;
    const times = unknown.flatMap((each) => {
      const { source: own, at } = each;
      const wait = pause(each, clock.now());
      if (own !== source || wait === null) return [];
      return [read <= at && asked < at ? at : Math.max(read, asked) + wait];
    });
    return Math.min(...times);
  };

  const lookThrough = async () => {
    cancel();
    const open = await unsettled();
    if (open.length === 0) return watch.run(false);
    const others = open.some((row) => row.status === 'PENDING') && (await recover());
    await reviewAll(open);
    const rows = (await unsettled()).filter((row) => row.status === 'UNKNOWN');
    let unknown = await settleAll(await Promise.all(rows.map(describe)));
    for (const source of sources) {
      if ((await dueAt(source, unknown)) > clock.now()) continue;
      tried.set(source, clock.now());
      await look(account, source, stopping.signal);
      unknown = await settleAll(unknown);
    }
    if (!stopping.signal.aborted) watch.run(unknown.some(({ source }) => source !== null));
    const next = await Promise.all(sources.map((source) => dueAt(source, unknown)));
    const soonest = Math.min(...next, others ? clock.now() + minute : Number.POSITIVE_INFINITY);
    if (!stopping.signal.aborted && Number.isFinite(soonest))
      cancel = clock.after(Math.max(1_000, soonest - clock.now()), wake);
  };
  const run = async () => {
    while (again && !stopping.signal.aborted) {
      again = false;
      await lookThrough().catch((error: unknown) => {
        log.warn({ err: error }, 'Unknown operations could not be looked through');
        if (!stopping.signal.aborted) cancel = clock.after(minute, wake);
      });
    }
    running = null;
  };
  const wake = () => {
    again = true;
    if (!stopping.signal.aborted) running ??= run();
  };

  return {
    wake,
    async settled() {
      while (running !== null) await running;
    },
    async stop() {
      stopping.abort(new Error('The gateway is stopping'));
      cancel();
      await running;
      watch.run(false);
    },
  };
}
