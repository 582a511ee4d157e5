import type { Account } from '../account.ts';
import { UpstreamFailure } from '../didfarm/errors.ts';
import type { OperationRow } from '../storage/operation-tables.ts';
import { ActionFailed, type Failure } from './failure.ts';
import type { AnyMutation, AnySettled } from './mutation.ts';
import { type Opening, OutcomeLost, openOperation } from './operation.ts';
import { failureOf } from './outcome.ts';
import { recorded } from './recorded.ts';
import { updateOperation } from './store.ts';

interface Task extends Opening {
  readonly input: never;
}

/** Runs a mutation whose operation is this run's, and records how it ends. */
export async function work(account: Account, mutation: AnyMutation, { input, ...opening }: Task): Promise<AnySettled> {
  const { clock, storage, log } = account;
  const { key } = opening;
  // Where it cannot be written the operation stays pending, and its steps tell whoever sends it again what was done.
  const write = (columns: Partial<OperationRow>) =>
    recorded(account, () => updateOperation(storage.db, key, columns)).catch((error: unknown) =>
      log.error({ err: error, mutation: mutation.name }, 'How an operation ended could not be recorded'),
    );
  try {
    const operation = await openOperation(account, opening);
    const { result, secret = null } = await mutation.run(operation, input);
    await write({ status: 'SUCCEEDED', result: JSON.stringify(result), error: null, finished_at: clock.now() });
    return { status: 'SUCCEEDED', key, result, secret };
  } catch (error) {
    if (error instanceof OutcomeLost) {
      await write({ status: 'UNKNOWN' });
      return { status: 'UNKNOWN', key };
    }
    const failure = failureIn(error);
    if (failure === null) throw error;
    await write({ status: 'FAILED', error: JSON.stringify(failure), finished_at: clock.now() });
    return { status: 'FAILED', key, failure };
  }
}

/** A question to DIDfarm that failed before anything was to be sent leaves everything as it was. */
function failureIn(error: unknown): Failure | null {
  if (error instanceof ActionFailed) return error.failure;
  return error instanceof UpstreamFailure ? { ...failureOf(error), retryable: true } : null;
}
