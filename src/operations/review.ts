import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import type { OperationRow } from '../storage/operation-tables.ts';
import type { Tables } from '../storage/tables.ts';
import { kindOf } from './attempts.ts';
import { endWell, hasGoneOn, isHeld, type Judged, reopen, tell } from './ending.ts';
import { type Evidence, lostCall } from './evidence.ts';
import type { Settling } from './settle.ts';
import { findOperation, findSteps, type OperationKey } from './store.ts';

/** Whether an operation has steps whose judgement may be overturned. One that is unknown is judged as a whole. */
export function isReviewable({ review, status }: OperationRow): boolean {
  return review === 1 && status !== 'UNKNOWN';
}

/** Judges again what was settled from evidence, by what is known now. True where that changed anything. It sends nothing. */
export async function review(account: Account, settling: Settling, key: OperationKey): Promise<boolean> {
  return account.storage.transaction(async (trx) => {
    let changed = false;
    for (const { position } of (await findSteps(trx, key)).filter(({ judged }) => judged !== null)) {
      const operation = await findOperation(trx, key);
      const step = (await findSteps(trx, key)).find((each) => each.position === position);
      const evidence = step && settling.evidence[kindOf(step.name)];
      if (operation === undefined || !isReviewable(operation) || step === undefined || evidence === undefined) break;
      const judged = { operation, step, isResumable: settling.resumable.includes(operation.mutation) };
      const again = step.judged === 'not-done' ? reviewNotDone : reviewDone;
      changed = (await again(trx, account, judged, evidence)) || changed;
    }
    return changed;
  });
}

async function reviewNotDone(
  trx: Transaction<Tables>,
  account: Account,
  judged: Judged,
  evidence: Evidence,
): Promise<boolean> {
  const verdict = await evidence.judge(trx, account, lostCall(account, judged.step), 'review');
  if (verdict.says === 'nothing' || verdict.says === 'untraced') return false;
  if (verdict.says === 'happened') await endWell(trx, account, judged, verdict);
  else if (await hasGoneOn(trx, judged)) {
    await tell(trx, judged, verdict.findings);
    return false;
  } else await reopen(trx, account, judged, verdict.findings);
  return true;
}

async function reviewDone(
  trx: Transaction<Tables>,
  account: Account,
  judged: Judged,
  evidence: Evidence,
): Promise<boolean> {
  if (isHeld(judged.operation)) return false;
  const result = JSON.parse(judged.step.result ?? 'null') as unknown;
  const verdict = await evidence.review?.(trx, account, lostCall(account, judged.step), result);
  if (verdict === undefined) return false;
  if (verdict.says === 'stands') {
    if (verdict.findings !== undefined) await tell(trx, judged, verdict.findings);
    return false;
  }
  if (verdict.says === 'happened') await endWell(trx, account, judged, verdict);
  else {
    await verdict.undo();
    await reopen(trx, account, judged, verdict.findings);
  }
  return true;
}
