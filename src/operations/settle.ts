import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import type { OperationRow, OperationStepRow } from '../storage/operation-tables.ts';
import type { Tables } from '../storage/tables.ts';
import { kindOf } from './attempts.ts';
import { endBadly, endWell, type Judged, tell } from './ending.ts';
import { type Evidence, lostCall, type Source, type Verdict } from './evidence.ts';
import { saw } from './look.ts';
import { findOperation, findSteps, keyOf, writeStep } from './store.ts';
import type { Watch } from './watch.ts';

/** What DIDfarm's listings show so long after a call was sent, they would have shown it if it was done. Milliseconds. */
const surelyShown = 600_000;

/** So many looks, a minute and more between two of them by timers, are as long: the clock may have been put forward. */
export const enoughLooks = 9;

/** What two processes on one database see within less than this is one look. Milliseconds. */
const oneLook = 50_000;

export interface Settling {
  /** By the kind of call. */
  readonly evidence: Readonly<Record<string, Evidence>>;
  /** Mutations that go on when they are sent again. */
  readonly resumable: readonly string[];
}

/** The call of an operation whose answer was lost. */
export function lostStep(steps: readonly OperationStepRow[]): OperationStepRow | undefined {
  return steps.find((step) => step.status === 'UNKNOWN' || step.status === 'PENDING');
}

/** Settles an operation from what the picture shows by now. False where it stays unknown. */
export async function settle(account: Account, settling: Settling, row: OperationRow, watch: Watch): Promise<boolean> {
  const key = keyOf(row);
  const watched = JSON.stringify([key.viewer, key.idempotencyKey]);
  const mayCount = watch.hasPassed(watched);
  const became = await account.storage.transaction(async (trx) => {
    const operation = await findOperation(trx, key);
    const step = lostStep(await findSteps(trx, key));
    const evidence = step && settling.evidence[kindOf(step.name)];
    if (operation?.status !== 'UNKNOWN' || step === undefined || evidence === undefined) return 'unknown';
    const judged = { operation, step, isResumable: settling.resumable.includes(operation.mutation) };
    const verdict = await evidence.judge(trx, account, lostCall(account, step));
    if (verdict.says === 'happened') {
      await endWell(trx, account, judged, verdict);
      return 'settled';
    }
    return wait(trx, account, judged, { verdict, evidence, mayCount });
  });
  if (became === 'looked') watch.mark(watched);
  return became === 'settled';
}

interface Waiting {
  readonly verdict: Exclude<Verdict, { readonly says: 'happened' }>;
  readonly evidence: Evidence;
  /** Time has passed, by a timer, since the last look that counts. */
  readonly mayCount: boolean;
}

/** That nothing shows is a proof only after enough looks, of which the last was late enough. */
async function wait(
  trx: Transaction<Tables>,
  account: Account,
  judged: Judged,
  { verdict, evidence: { source }, mayCount }: Waiting,
): Promise<'settled' | 'looked' | 'unknown'> {
  const { step } = judged;
  const call = lostCall(account, step);
  const seen = source === null ? Number.NEGATIVE_INFINITY : await saw(trx, account, source, call.known);
  const since = seen - (step.looked_at ?? call.sentAt);
  const counts = verdict.says === 'nothing' && mayCount && (since >= oneLook || since < 0) && Number.isFinite(seen);
  const looked = counts ? { ...step, looks: step.looks + 1, looked_at: seen } : step;
  if (verdict.says === 'nothing' && seen >= call.sentAt + surelyShown && looked.looks >= enoughLooks) {
    await endBadly(trx, account, { ...judged, step: looked }, verdict.findings);
    return 'settled';
  }
  if (counts) await writeStep(trx, call.key, looked);
  const findings = source !== null && seen < call.sentAt ? [...verdict.findings, unread[source]] : verdict.findings;
  await tell(trx, judged, verdict.says === 'nothing' ? [...findings, tooEarly] : findings);
  return counts ? 'looked' : 'unknown';
}

const tooEarly =
  'DIDfarm may show it late: that it was not done is certain only after ten minutes in which it was looked for and did not show.';

const unread: Readonly<Record<Source, string>> = {
  transactions: "DIDfarm's transactions could not be read without a gap since it was sent.",
  trunks: "DIDfarm's trunks could not all be read since it was sent.",
};
