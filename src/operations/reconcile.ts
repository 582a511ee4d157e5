import type { Account } from '../account.ts';
import type { Cancel } from '../clock.ts';
import type { OperationRow, OperationStepRow } from '../storage/operation-tables.ts';
import { walletPolicy } from '../wallet/wallet.ts';
import { kindOf } from './attempts.ts';
import type { Engine } from './engine.ts';
import type { Source } from './evidence.ts';
import { look, lookedAt } from './look.ts';
import { dueAt, type Sought } from './pace.ts';
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

interface Unknown extends Sought {
  readonly row: OperationRow;
}

const minute = 60_000;
const sources: readonly Source[] = ['transactions', 'trunks'];

const isUnknown = ({ status }: OperationRow) => status === 'UNKNOWN';

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
  const sourceOf = (step: OperationStepRow | undefined) =>
    (step && settling.evidence[kindOf(step.name)]?.source) ?? null;
  const describe = async (row: OperationRow): Promise<Unknown> => {
    const step = lostStep(await findSteps(storage.db, keyOf(row)));
    const state = (step?.looks ?? 0) < enoughLooks ? 'lost' : 'looked';
    return { row, source: sourceOf(step), at: step?.at ?? row.started_at, state };
  };
  /** What was judged as not done may still show late. */
  const doubted = async (row: OperationRow): Promise<Sought[]> => {
    const steps = (await findSteps(storage.db, keyOf(row))).filter(({ judged }) => judged === 'not-done');
    return steps.map((step) => ({ source: sourceOf(step), at: step.at, state: 'not-done' }));
  };
  /** One that cannot be judged is no reason to leave the others. */
  const judged = (row: OperationRow, judging: Promise<boolean>) =>
    judging.catch((error: unknown) => {
      log.warn({ err: error, mutation: row.mutation }, 'What became of an operation could not be judged');
      return false;
    });
  const settleAll = async (unknown: readonly Unknown[]) => {
    const left: Unknown[] = [];
    for (const each of unknown)
      if (!(await judged(each.row, settle(account, settling, each.row, watch)))) left.push(each);
    if (left.length < unknown.length) await account.snapshots.expire(account.id, walletPolicy, '');
    return left;
  };
  /** What was settled from evidence, in the light of what came since. */
  const reviewAll = async (settled: readonly OperationRow[]) => {
    for (const row of settled)
      if (isReviewable(row) && (await judged(row, review(account, settling, keyOf(row)))))
        await account.snapshots.expire(account.id, walletPolicy, '');
  };
  const soonest = async (source: Source, sought: readonly Sought[]) => {
    const read = await lookedAt(storage.db, account, source);
    const times = { read, asked: tried.get(source) ?? Number.NEGATIVE_INFINITY, now: clock.now() };
    return Math.min(...sought.filter((each) => each.source === source).map((each) => dueAt(each, times)));
  };

  const lookThrough = async () => {
    cancel();
    const open = await unsettled();
    if (open.length === 0) return watch.run(false);
    await reviewAll(open);
    const others = open.some((row) => row.status === 'PENDING') && (await recover());
    const rows = await unsettled();
    let unknown = await settleAll(await Promise.all(rows.filter(isUnknown).map(describe)));
    const late = (await Promise.all(rows.filter(({ review }) => review === 1).map(doubted))).flat();
    for (const source of sources) {
      if ((await soonest(source, [...unknown, ...late])) > clock.now()) continue;
      tried.set(source, clock.now());
      await look(account, source, stopping.signal);
      unknown = await settleAll(unknown);
    }
    if (!stopping.signal.aborted) watch.run(unknown.some(({ source }) => source !== null));
    const times = await Promise.all(sources.map((source) => soonest(source, [...unknown, ...late])));
    const next = Math.min(...times, others ? clock.now() + minute : Number.POSITIVE_INFINITY);
    if (!stopping.signal.aborted && Number.isFinite(next))
      cancel = clock.after(Math.max(1_000, next - clock.now()), wake);
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
