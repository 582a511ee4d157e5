import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import type { CallOptions } from '../didfarm/client.ts';
import { UpstreamFailure } from '../didfarm/errors.ts';
import type { OperationStepRow, Tables } from '../storage/tables.ts';
import { ActionFailed, type Failure } from './failure.ts';
import { failureOf, mayHaveHappened } from './outcome.ts';
import { findSteps, type OperationKey, writeStep } from './store.ts';

/** How long one call that changes something may take, with its waiting for the ration. Milliseconds. */
const callAllowance = 30_000;

/** Thrown by a step whose answer was lost. It is never sent again by itself. */
export class OutcomeLost extends Error {
  override readonly name = 'OutcomeLost';
}

/** One call of a mutation. `Answer` is DIDfarm's, `Result` what is kept of it (JSON, nothing secret). */
export interface Step<Answer, Result> {
  readonly name: string;
  /** What is known now and will tell, if the answer is lost, whether it happened. JSON; recorded before anything is sent. */
  readonly evidence?: () => Promise<unknown>;
  readonly send: (call: CallOptions) => Promise<Answer>;
  /** Writes the answer into the picture, in the transaction that records it. */
  readonly apply: (trx: Transaction<Tables>, answer: Answer) => Promise<Result>;
  /** A refusal in the mutation's own terms. Default: `failureOf`. */
  readonly refused?: (error: UpstreamFailure) => Failure | Promise<Failure>;
}

/** What a step gave: `answer` is null where it was done before, by an earlier sending of the same key. */
export interface StepDone<Answer, Result> {
  readonly result: Result;
  readonly answer: Answer | null;
}

/** A mutation at work: each of its steps is recorded before it is sent and when it was answered, and sent at most once. */
export interface Operation {
  readonly key: OperationKey;
  readonly account: Account;
  /** Whether a step was begun before, by an earlier sending of the key: what was checked then is not checked again. */
  begun(name: string): boolean;
  /** @throws ActionFailed where it was refused; OutcomeLost where nobody knows. */
  step<Answer, Result>(step: Step<Answer, Result>): Promise<StepDone<Answer, Result>>;
}

/** The operation behind a key, with the steps it has done before. */
export async function openOperation(account: Account, key: OperationKey, onSent: () => void): Promise<Operation> {
  const known = await findSteps(account.storage.db, key);
  const { clock, storage } = account;
  let next = known.length;

  const begin = async (name: string, before: OperationStepRow | undefined, evidence: unknown) => {
    const step: OperationStepRow = {
      account: key.account,
      viewer: key.viewer,
      idempotency_key: key.idempotencyKey,
      position: before?.position ?? next++,
      name,
      status: 'PENDING',
      at: clock.now(),
      sent_at: clock.now(),
      evidence: evidence === undefined ? null : JSON.stringify(evidence),
      result: null,
    };
    await writeStep(storage.db, key, step);
    return step;
  };
  const end = (step: OperationStepRow, columns: Pick<OperationStepRow, 'status'> & Partial<OperationStepRow>) => ({
    ...step,
    ...columns,
    at: clock.now(),
  });
  const failed = async (
    step: OperationStepRow,
    error: unknown,
    refused: (error: UpstreamFailure) => Failure | Promise<Failure>,
  ) => {
    if (error instanceof UpstreamFailure && !mayHaveHappened(error)) {
      await writeStep(storage.db, key, end(step, { status: 'FAILED' }));
      return new ActionFailed(await refused(error));
    }
    account.log.warn({ err: error, step: step.name }, 'Whether a call was done is unknown');
    await writeStep(storage.db, key, end(step, { status: 'UNKNOWN' }));
    return new OutcomeLost(step.name);
  };

  return {
    key,
    account,
    begun: (name) => known.some((step) => step.name === name && step.status !== 'FAILED'),
    async step<Answer, Result>({ name, evidence, send, apply, refused }: Step<Answer, Result>) {
      const before = known.find((step) => step.name === name);
      if (before?.status === 'SUCCEEDED')
        return { result: JSON.parse(before.result ?? 'null') as Result, answer: null };
      if (before !== undefined && before.status !== 'FAILED') throw new OutcomeLost(name);
      const step = await begin(name, before, await evidence?.());
      try {
        // That the caller leaves is no reason to break off what was begun: the call has no signal.
        const answer = await send({ priority: 'act', deadline: clock.now() + callAllowance, onSent });
        const result = await storage.transaction(async (trx) => {
          const kept = await apply(trx, answer);
          await writeStep(trx, key, end(step, { status: 'SUCCEEDED', result: JSON.stringify(kept ?? null) }));
          return kept;
        });
        return { result, answer };
      } catch (error) {
        throw await failed(step, error, refused ?? failureOf);
      }
    },
  };
}
