import type { Account } from '../account.ts';
import type { Cancel } from '../clock.ts';
import type { OperationRow, OperationStepRow } from '../storage/operation-tables.ts';
import { walletPolicy } from '../wallet/wallet.ts';
import { kindOf } from './attempts.ts';
import type { Engine } from './engine.ts';
import type { Source } from './evidence.ts';
import { look, lookedAt } from './look.ts';
import { createNewsReader, type News } from './news.ts';
import { dueAt, type Sought } from './pace.ts';
import { isReviewable, review } from './review.ts';
import { enoughLooks, lostStep, type Settling, settle } from './settle.ts';
import { findSteps, judgedSteps, keyOf } from './store.ts';
import { createWatch } from './watch.ts';

/** Finds out what became of calls whose answer was lost. It sends nothing that changes anything. */
export interface Reconciler {
  /** Something may have become known, such as of these numbers (E.164): looks through what is unknown, in the background. */
  wake(numbers?: readonly string[]): void;
  /** Nothing is being looked through. */
  settled(): Promise<void>;
  /** Ends it after what is under way. */
  stop(): Promise<void>;
}

interface Unknown extends Sought {
  readonly row: OperationRow;
  /** What is new may tell of it. */
  readonly isConcerned: boolean;
}

const minute = 60_000;
const sources: readonly Source[] = ['transactions', 'trunks'];

const nameOf = (row: Pick<OperationRow, 'viewer' | 'idempotency_key'>) =>
  JSON.stringify([row.viewer, row.idempotency_key]);
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
  const readNews = createNewsReader(account);
  /** Numbers that were told without an event, since the last look through. */
  const told: string[] = [];
  /** When something last named a number or an order of an unknown operation. */
  const named = new Map<string, number>();
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
  const describe = async (row: OperationRow, news: News): Promise<Unknown> => {
    const step = lostStep(await findSteps(storage.db, keyOf(row)));
    const state = (step?.looks ?? 0) < enoughLooks ? 'lost' : 'looked';
    if (step !== undefined && news.names(step)) named.set(nameOf(row), clock.now());
    const source = sourceOf(step);
    const isConcerned = step === undefined || source === null || news.concerns(step, source);
    return { row, isConcerned, source, at: named.get(nameOf(row)) ?? step?.at ?? row.started_at, state };
  };
  /** What was judged as not done may still show late. */
  const doubted = async (): Promise<Sought[]> => {
    const steps = (await judgedSteps(storage.db, account.id)).filter(({ judged }) => judged === 'not-done');
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
  /** What was settled from evidence, in the light of what came since that may concern it. */
  const reviewAll = async (open: readonly OperationRow[], news: News) => {
    if (!open.some(isReviewable)) return;
    const steps = await judgedSteps(storage.db, account.id);
    const concerned = new Set(steps.filter((step) => news.concerns(step, sourceOf(step))).map(nameOf));
    for (const row of open)
      if (isReviewable(row) && concerned.has(nameOf(row)) && (await judged(row, review(account, settling, keyOf(row)))))
        await account.snapshots.expire(account.id, walletPolicy, '');
  };
  const soonest = async (source: Source, sought: readonly Sought[]) => {
    const read = await lookedAt(storage.db, account, source);
    const times = { read, asked: tried.get(source) ?? Number.NEGATIVE_INFINITY, now: clock.now() };
    return Math.min(...sought.filter((each) => each.source === source).map((each) => dueAt(each, times)));
  };

  const wakeAt = (next: number) => {
    if (!stopping.signal.aborted && Number.isFinite(next))
      cancel = clock.after(Math.max(1_000, next - clock.now()), () => wake());
  };
  const lookThrough = async () => {
    cancel();
    const open = await unsettled();
    if (open.length === 0) {
      named.clear();
      return watch.run(false);
    }
    const news = await readNews(open, told.splice(0));
    await reviewAll(open, news);
    const others = open.some((row) => row.status === 'PENDING') && (await recover());
    const rows = await unsettled();
    const found = await Promise.all(rows.filter(isUnknown).map((row) => describe(row, news)));
    const concerned = await settleAll(found.filter(({ isConcerned }) => isConcerned));
    let unknown = [...concerned, ...found.filter(({ isConcerned }) => !isConcerned)];
    const late = rows.some(({ review }) => review === 1) ? await doubted() : [];
    for (const source of sources) {
      if ((await soonest(source, [...unknown, ...late])) > clock.now()) continue;
      tried.set(source, clock.now());
      await look(account, source, stopping.signal);
      unknown = await settleAll(unknown);
    }
    if (!stopping.signal.aborted) watch.run(unknown.some(({ source }) => source !== null));
    const times = await Promise.all(sources.map((source) => soonest(source, [...unknown, ...late])));
    const next = Math.min(...times, others ? clock.now() + minute : Number.POSITIVE_INFINITY);
    wakeAt(next);
  };
  const run = async () => {
    while (again && !stopping.signal.aborted) {
      again = false;
      await lookThrough().catch((error: unknown) => {
        log.warn({ err: error }, 'Unknown operations could not be looked through');
        wakeAt(clock.now() + minute);
      });
    }
    running = null;
  };
  const wake = (numbers: readonly string[] = []) => {
    again = true;
    told.push(...numbers);
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
