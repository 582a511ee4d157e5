import type { Transaction } from 'kysely';
import type { Scope } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import type { CallOptions, Spender } from '../didfarm/client.ts';
import { UpstreamFailure } from '../didfarm/errors.ts';
import type { OperationStepRow } from '../storage/operation-tables.ts';
import type { Tables } from '../storage/tables.ts';
import { kindOf, latestAttempt, newAttempt } from './attempts.ts';
import { ActionFailed, type Failure } from './failure.ts';
import { failureOf, mayHaveHappened } from './outcome.ts';
import { recorded } from './recorded.ts';
import { findOperation, findSteps, type OperationKey, writeStep } from './store.ts';

/** How long one call that changes something may take, with its waiting for the ration. Milliseconds. */
const callAllowance = 30_000;

/** Thrown by a step whose answer was lost. It is never sent again by itself. */
export class OutcomeLost extends Error {
  override readonly name = 'OutcomeLost';
}

/** Thrown by a step before anything is sent: an earlier attempt at it did not fail after all, so that the mutation runs anew with that. */
export class EarlierAttemptStands extends Error {
  override readonly name = 'EarlierAttemptStands';
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
  /** What of the account its viewer may name: what lies outside is to it as if it were not there. */
  readonly scope: Scope;
  /** To be called for every request that goes on the wire for it beside its steps, such as a listing that it needs. */
  readonly onSent: () => void;
  /** Whose part of the ration its calls are taken from. */
  readonly spender?: Spender | undefined;
  /**
   * The last step of a kind that was begun and did not fail, by an earlier sending of the key: what was checked then is not checked
   * again. Null where there is none.
   */
  begun(kind: string): string | null;
  /** What the steps of a kind have given so far, in their order. */
  given(kind: string): readonly unknown[];
  /** The name of a new step of a kind, `nth` of several from 0. It takes the place of one that was refused, and of no other. */
  attempt(kind: string, nth?: number): string;
  /** @throws ActionFailed where it was refused; OutcomeLost where nobody knows. */
  step<Answer, Result>(step: Step<Answer, Result>): Promise<StepDone<Answer, Result>>;
  /** A question to DIDfarm that is part of the mutation: recorded once it is answered, asked again by the next sending. @throws UpstreamFailure */
  ask<Answer>(name: string, question: (call: CallOptions) => Promise<Answer>): Promise<Answer>;
}

/** Whose operation is worked on, and by whom. */
export interface Opening extends Pick<Operation, 'key' | 'scope' | 'onSent' | 'spender'> {
  /** The run that works on it: a step is begun only while no other run has taken the operation over. */
  readonly owner: string;
  /** Judges again, by what is known now, what was judged as not done. */
  readonly reconsider: () => Promise<unknown>;
}

/** The operation behind a key, with the steps it has done before. */
export async function openOperation(
  account: Account,
  { key, scope, owner, onSent, spender, reconsider }: Opening,
): Promise<Operation> {
  const { clock, storage } = account;
  const known = await findSteps(storage.db, key);
  // By name: one that was refused and is tried again takes its own place again.
  const steps = new Map<string, OperationStepRow>(known.map((step) => [step.name, step]));

  const rowOf = (name: string, evidence: unknown): OperationStepRow => {
    const now = clock.now();
    return {
      account: key.account,
      viewer: key.viewer,
      idempotency_key: key.idempotencyKey,
      position: steps.get(name)?.position ?? steps.size,
      name,
      status: 'PENDING',
      at: now,
      sent_at: now,
      evidence: evidence === undefined ? null : JSON.stringify(evidence),
      result: null,
      looks: 0,
      looked_at: null,
      judged: null,
    };
  };
  const begin = async (name: string, evidence: unknown) => {
    const step = rowOf(name, evidence);
    const kind = kindOf(name);
    if ([...steps.values()].some((each) => each.judged === 'not-done' && kindOf(each.name) === kind))
      await reconsider();
    await storage.transaction(async (trx) => {
      const operation = await findOperation(trx, key);
      if (operation?.owner !== owner || operation.status !== 'PENDING')
        throw new Error('Another run of the gateway has taken the operation over');
      const standing = latestAttempt(await findSteps(trx, key), kind);
      if (standing !== null) throw new EarlierAttemptStands(standing);
      await writeStep(trx, key, step);
    });
    steps.set(name, step);
    return step;
  };
  const end = async (step: OperationStepRow, status: 'FAILED' | 'UNKNOWN') => {
    const ended = { ...step, status, at: clock.now() };
    await recorded(account, () => writeStep(storage.db, key, ended));
    steps.set(step.name, ended);
  };
  const failed = async (
    step: OperationStepRow,
    error: unknown,
    refused: (error: UpstreamFailure) => Failure | Promise<Failure>,
  ) => {
    if (error instanceof UpstreamFailure && !mayHaveHappened(error)) {
      await end(step, 'FAILED');
      return new ActionFailed(await refused(error));
    }
    account.log.warn({ err: error, step: step.name }, 'Whether a call was done is unknown');
    // Where even that cannot be written the step stays as it was begun, and whoever finds it so knows as much.
    await end(step, 'UNKNOWN').catch((cause: unknown) =>
      account.log.error({ err: cause, step: step.name }, 'That a call is unknown could not be recorded'),
    );
    return new OutcomeLost(step.name);
  };

  return {
    key,
    account,
    scope,
    onSent,
    spender,
    begun: (kind) => latestAttempt(steps.values(), kind),
    given: (kind) =>
      [...steps.values()]
        .filter(({ name, status }) => kindOf(name) === kind && status === 'SUCCEEDED')
        .map(({ result }) => JSON.parse(result ?? 'null')),
    attempt: (kind, nth = 0) => newAttempt(steps.values(), kind, nth),
    async step<Answer, Result>({ name, evidence, send, apply, refused }: Step<Answer, Result>) {
      const before = steps.get(name);
      if (before?.status === 'SUCCEEDED')
        return { result: JSON.parse(before.result ?? 'null') as Result, answer: null };
      if (before !== undefined && before.status !== 'FAILED') throw new OutcomeLost(name);
      const step = await begin(name, await evidence?.());
      try {
        // That the caller leaves is no reason to break off what was begun: the call has no signal.
        const answer = await send({ priority: 'act', deadline: clock.now() + callAllowance, spender, onSent });
        const write = () =>
          storage.transaction(async (trx) => {
            const result = await apply(trx, answer);
            const done = { ...step, status: 'SUCCEEDED', at: clock.now(), result: JSON.stringify(result ?? null) };
            await writeStep(trx, key, done);
            return { result, done };
          });
        const { result, done } = await recorded(account, write);
        steps.set(name, done);
        return { result, answer };
      } catch (error) {
        throw await failed(step, error, refused ?? failureOf);
      }
    },
    async ask<Answer>(name: string, question: (call: CallOptions) => Promise<Answer>) {
      const answer = await question({ priority: 'act', deadline: clock.now() + callAllowance, spender, onSent });
      const step = { ...rowOf(name, undefined), status: 'SUCCEEDED' };
      await writeStep(storage.db, key, step);
      steps.set(name, step);
      return answer;
    },
  };
}
