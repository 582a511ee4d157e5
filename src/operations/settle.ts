import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import type { OperationRow, OperationStepRow } from '../storage/operation-tables.ts';
import type { Tables } from '../storage/tables.ts';
import { type Evidence, kindOf, lostCall } from './evidence.ts';
import type { Failure } from './failure.ts';
import { saw } from './look.ts';
import { findOperation, findSteps, keyOf, type OperationKey, updateOperation, writeStep } from './store.ts';

/** What DIDfarm's listings show so long after a call was sent, they would have shown it if it was done. Milliseconds. */
const surelyShown = 600_000;

/** Nobody is at work on it. */
const nobody = '';

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
export async function settle(account: Account, settling: Settling, row: OperationRow): Promise<boolean> {
  const key = keyOf(row);
  return account.storage.transaction(async (trx) => {
    const operation = await findOperation(trx, key);
    const step = lostStep(await findSteps(trx, key));
    const evidence = step && settling.evidence[kindOf(step.name)];
    if (operation?.status !== 'UNKNOWN' || step === undefined || evidence === undefined) return false;
    const call = lostCall(account, step);
    const verdict = await evidence.judge(trx, account, call);
    const isResumable = settling.resumable.includes(operation.mutation);
    const end = { account, key, step, isResumable };
    if (verdict.says === 'happened') await endWell(trx, end, await verdict.apply());
    else if (verdict.says === 'unclear' || evidence.source === null) return false;
    else if ((await saw(trx, account, evidence.source, call.known)) < call.sentAt + surelyShown) return false;
    else await endBadly(trx, end);
    return true;
  });
}

interface End {
  readonly account: Account;
  readonly key: OperationKey;
  readonly step: OperationStepRow;
  readonly isResumable: boolean;
}

const toBeSentAgain = { status: 'PENDING', owner: nobody, error: null, finished_at: null } as const;

async function endWell(trx: Transaction<Tables>, { account, key, step, isResumable }: End, kept: unknown) {
  const at = account.clock.now();
  const result = JSON.stringify(kept ?? null);
  await writeStep(trx, key, { ...step, status: 'SUCCEEDED', at, result });
  await updateOperation(
    trx,
    key,
    isResumable ? toBeSentAgain : { status: 'SUCCEEDED', result, error: null, finished_at: at },
  );
}

async function endBadly(trx: Transaction<Tables>, { account, key, step, isResumable }: End) {
  const at = account.clock.now();
  await writeStep(trx, key, { ...step, status: 'FAILED', at });
  const error = JSON.stringify(neverHappened);
  await updateOperation(trx, key, isResumable ? toBeSentAgain : { status: 'FAILED', error, finished_at: at });
}

const neverHappened: Failure = {
  type: 'UpstreamError',
  code: 'NOT_DONE',
  message:
    'Its answer was lost, and nothing that DIDfarm has shown since says that it was done. Send it with a new key if it is still wanted.',
  status: null,
};
