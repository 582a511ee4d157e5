import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import type { OperationRow, OperationStepRow } from '../storage/operation-tables.ts';
import type { Tables } from '../storage/tables.ts';
import { attemptOf, kindOf } from './attempts.ts';
import type { Happened } from './evidence.ts';
import type { Failure } from './failure.ts';
import { findSteps, keyOf, nobody, updateOperation, writeStep } from './store.ts';

/** A step that is judged from evidence, with its operation. */
export interface Judged {
  readonly operation: OperationRow;
  readonly step: OperationStepRow;
  /** The operation goes on when it is sent again. */
  readonly isResumable: boolean;
}

const toBeSentAgain = { status: 'PENDING', owner: nobody, result: null, error: null, finished_at: null } as const;

/** A run is at work on it, or ended in the middle of that: whoever goes on with it reads its steps again. */
export function isHeld({ status, owner }: OperationRow): boolean {
  return status === 'PENDING' && owner !== nobody;
}

/** Whether the operation went on with another attempt at the step: that is what it did then, and the step tells what there is beside. */
export async function hasGoneOn(trx: Transaction<Tables>, { operation, step, isResumable }: Judged): Promise<boolean> {
  if (!isResumable) return false;
  const steps = await findSteps(trx, keyOf(operation));
  return steps.some(
    ({ name, status }) =>
      status !== 'FAILED' && kindOf(name) === kindOf(step.name) && attemptOf(name) > attemptOf(step.name),
  );
}

/** It was done: the operation has its result, or can go on from there. */
export async function endWell(trx: Transaction<Tables>, account: Account, judged: Judged, verdict: Happened) {
  const at = account.clock.now();
  const goneOn = await hasGoneOn(trx, judged);
  const isLeft = goneOn || isHeld(judged.operation);
  const result = JSON.stringify((await verdict.apply()) ?? null);
  await write(trx, judged, {
    step: { status: 'SUCCEEDED', at, result, judged: verdict.certain ? null : 'done' },
    operation: isLeft ? {} : afterwards(judged, result, at),
    findings: goneOn ? [...verdict.findings, beside] : verdict.findings,
  });
}

/** One that goes on keeps what it did with a step, but for what is now known of that step to be otherwise. */
function afterwards({ operation, step, isResumable }: Judged, result: string, at: number): Partial<OperationRow> {
  if (!isResumable) return { status: 'SUCCEEDED', result, error: null, finished_at: at };
  if (step.result === result) return {};
  if (operation.status !== 'SUCCEEDED') return toBeSentAgain;
  const [whole, part] = [operation.result, result].map((each) => Object.entries(JSON.parse(each ?? '{}')));
  const corrected = new Map(part);
  return {
    result: JSON.stringify(
      Object.fromEntries((whole ?? []).map(([name, value]) => [name, corrected.get(name) ?? value])),
    ),
  };
}

/** It was not done, as far as all that was seen can tell. */
export async function endBadly(
  trx: Transaction<Tables>,
  account: Account,
  judged: Judged,
  findings: readonly string[],
): Promise<void> {
  const at = account.clock.now();
  const failed = { status: 'FAILED', error: JSON.stringify(neverHappened), finished_at: at } as const;
  await write(trx, judged, {
    step: { ...notDone, at },
    operation: judged.isResumable ? toBeSentAgain : failed,
    findings,
  });
}

/** Nobody knows after all. One that has gone on since stays what it is. */
export async function reopen(
  trx: Transaction<Tables>,
  account: Account,
  judged: Judged,
  findings: readonly string[],
): Promise<void> {
  const at = account.clock.now();
  const unknown = { status: 'UNKNOWN', owner: nobody, result: null, error: null, finished_at: null } as const;
  const goneOn = await hasGoneOn(trx, judged);
  await write(trx, judged, {
    step: { at, result: null, ...(goneOn ? notDone : { status: 'UNKNOWN', judged: null }) },
    operation: goneOn || isHeld(judged.operation) ? {} : unknown,
    findings,
  });
}

/** What is known of it, written where that has changed. */
export async function tell(
  trx: Transaction<Tables>,
  { operation }: Judged,
  findings: readonly string[],
): Promise<void> {
  const told = JSON.stringify(findings);
  if (told !== operation.findings) await updateOperation(trx, keyOf(operation), { findings: told });
}

const notDone = { status: 'FAILED', judged: 'not-done' } as const;

interface Ending {
  readonly step: Partial<OperationStepRow>;
  readonly operation: Partial<OperationRow>;
  readonly findings: readonly string[];
}

async function write(trx: Transaction<Tables>, { operation, step }: Judged, ending: Ending): Promise<void> {
  const key = keyOf(operation);
  await writeStep(trx, key, { ...step, ...ending.step });
  const review = (await findSteps(trx, key)).some(({ judged }) => judged !== null) ? 1 : 0;
  const findings = JSON.stringify(ending.findings);
  await updateOperation(trx, key, { ...ending.operation, findings, review });
}

const beside = 'That became known late: the operation had gone on without it, so this is there beside its result.';

const neverHappened: Failure = {
  type: 'UpstreamError',
  code: 'NOT_DONE',
  message:
    'Its answer was lost, and nothing that DIDfarm has shown since says that it was done. Send it with a new key if it is still wanted.',
  status: null,
};
