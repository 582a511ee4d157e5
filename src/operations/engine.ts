import { randomUUID } from 'node:crypto';
import type { Account } from '../account.ts';
import type { OperationRow } from '../storage/tables.ts';
import { ActionFailed, type Failure, invalid } from './failure.ts';
import { type Operation, OutcomeLost, openOperation } from './operation.ts';
import {
  findOperation,
  findSteps,
  fingerprintOf,
  insertOperation,
  type OperationKey,
  updateOperation,
} from './store.ts';

/** One kind of mutation. `Result` is JSON: ids of what it made, from which its payload is read. */
export interface Mutation<Input, Result, Secret = never> {
  readonly name: string;
  /** What of the input is kept, for going on and finding out. Default: all of it. Never a password, a document or a text. */
  readonly kept?: (input: Input) => unknown;
  /** Sent again after a failure it goes on where it stopped. Default: false, the failure is its answer. */
  readonly resumable?: boolean;
  run(operation: Operation, input: Input): Promise<Done<Result, Secret>>;
}

/** `secret` reaches this one answer and nothing else. */
export interface Done<Result, Secret = never> {
  readonly result: Result;
  readonly secret?: Secret | null;
}

/** What a mutation's sender is told. */
export type Settled<Result, Secret = never> =
  | {
      readonly status: 'SUCCEEDED';
      readonly key: OperationKey;
      readonly result: Result;
      readonly secret: Secret | null;
    }
  | { readonly status: 'FAILED'; readonly key: OperationKey; readonly failure: Failure }
  | { readonly status: 'UNKNOWN'; readonly key: OperationKey };

export interface Sending<Input> {
  readonly viewer: string;
  /** Null: one is made. */
  readonly idempotencyKey: string | null;
  readonly input: Input;
  readonly onSent: () => void;
}

/** Runs mutations so that the same key is done once, whatever breaks on the way. */
export interface Engine {
  perform<Input, Result, Secret = never>(
    mutation: Mutation<Input, Result, Secret>,
    sending: Sending<Input>,
  ): Promise<Settled<Result, Secret>>;
  /** Resolves when no mutation is under way. */
  idle(): Promise<void>;
}

const longestKey = 255;

/** The engine of one account. `owner` names this run of the process: what another run left behind is not under way. */
export function createEngine(account: Account, owner: string): Engine {
  const running = new Map<string, Promise<Settled<unknown, unknown>>>();

  const perform = async (
    mutation: Mutation<never, unknown, unknown>,
    key: OperationKey,
    { input, onSent }: Sending<never>,
  ): Promise<Settled<unknown, unknown>> => {
    const { db } = account.storage;
    const fingerprint = fingerprintOf(mutation.name, input);
    const made = await insertOperation(db, key, {
      mutation: mutation.name,
      fingerprint,
      input: JSON.stringify(mutation.kept?.(input) ?? input),
      status: 'PENDING',
      started_at: account.clock.now(),
      finished_at: null,
      result: null,
      error: null,
      owner,
    });
    if (!made) {
      const known = await findOperation(db, key);
      if (known?.fingerprint !== fingerprint) return { status: 'FAILED', key, failure: otherInput };
      const ended = await endedBefore(account, mutation, key, known, owner);
      if (ended !== null) return ended;
      await updateOperation(db, key, { status: 'PENDING', owner, error: null, finished_at: null });
    }
    return work(account, mutation, key, input, onSent);
  };

  return {
    perform(mutation, sending) {
      const idempotencyKey = sending.idempotencyKey ?? randomUUID();
      const key = { account: account.id, viewer: sending.viewer, idempotencyKey };
      const tooLong = idempotencyKey.length === 0 || idempotencyKey.length > longestKey;
      if (tooLong) return Promise.resolve({ status: 'FAILED', key, failure: unusableKey });
      const name = JSON.stringify([key.viewer, idempotencyKey]);
      // Those that arrive while one is at work wait for it, and are then answered from its record.
      const turn = (running.get(name) ?? Promise.resolve()).then(() =>
        perform(mutation as never, key, sending as never),
      );
      const settled = turn.finally(() => {
        if (running.get(name) === settled) running.delete(name);
      });
      settled.catch(() => undefined);
      running.set(name, settled);
      return settled as never;
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running.values());
    },
  };
}

const otherInput = invalid(
  [
    {
      path: 'idempotencyKey',
      message: 'This key was sent before with another input: make a new key for a new purpose.',
    },
  ],
  'IDEMPOTENCY_KEY_REUSED',
).failure;

const unusableKey = invalid([
  { path: 'idempotencyKey', message: `A key has 1 to ${longestKey} characters, such as a UUID.` },
]).failure;

/** The answer that the record gives; null where the mutation is to be run. */
async function endedBefore(
  account: Account,
  mutation: Mutation<never, unknown, unknown>,
  key: OperationKey,
  known: OperationRow,
  owner: string,
): Promise<Settled<unknown, unknown> | null> {
  if (known.status === 'SUCCEEDED')
    return { status: 'SUCCEEDED', key, result: JSON.parse(known.result ?? 'null'), secret: null };
  if (known.status === 'UNKNOWN') return { status: 'UNKNOWN', key };
  if (known.status === 'FAILED') {
    const failure = JSON.parse(known.error ?? 'null') as Failure;
    return mutation.resumable === true || failure.retryable === true ? null : { status: 'FAILED', key, failure };
  }
  // Pending, and not at work here: a run that ended left it. What it was about to send may have been sent.
  const steps = await findSteps(account.storage.db, key);
  const lost = steps.some((step) => step.status === 'PENDING' || step.status === 'UNKNOWN');
  if (!lost && known.owner !== owner) return null;
  return lost ? { status: 'UNKNOWN', key } : null;
}

async function work(
  account: Account,
  mutation: Mutation<never, unknown, unknown>,
  key: OperationKey,
  input: never,
  onSent: () => void,
): Promise<Settled<unknown, unknown>> {
  const { db } = account.storage;
  const end = (columns: Partial<OperationRow>) =>
    updateOperation(db, key, { ...columns, finished_at: account.clock.now() });
  try {
    const operation = await openOperation(account, key, onSent);
    const { result, secret = null } = await mutation.run(operation, input);
    await end({ status: 'SUCCEEDED', result: JSON.stringify(result), error: null });
    return { status: 'SUCCEEDED', key, result, secret };
  } catch (error) {
    if (error instanceof OutcomeLost) {
      await updateOperation(db, key, { status: 'UNKNOWN' });
      return { status: 'UNKNOWN', key };
    }
    if (!(error instanceof ActionFailed)) throw error;
    await end({ status: 'FAILED', error: JSON.stringify(error.failure) });
    return { status: 'FAILED', key, failure: error.failure };
  }
}
