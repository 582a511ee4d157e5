import type { Account } from '../account.ts';
import { UpstreamFailure } from '../didfarm/errors.ts';
import type { OperationRow } from '../storage/operation-tables.ts';
import { ActionFailed, type Failure } from './failure.ts';
import type { AnyMutation, AnySettled } from './mutation.ts';
import { EarlierAttemptStands, type Opening, OutcomeLost, openOperation } from './operation.ts';
import { failureOf } from './outcome.ts';
import { recorded } from './recorded.ts';
import { markLost, updateOperation } from './store.ts';

interface Task extends Opening {
  readonly input: never;
}

/** Runs a mutation whose operation is this run's, and records how it ends. */
export async function work(account: Account, mutation: AnyMutation, { input, ...opening }: Task): Promise<AnySettled> {
  const { clock, storage, log } = account;
  const { key } = opening;
  // Where it cannot be written the operation stays pending, and its steps tell whoever sends it again what was done.
  const write = (columns: Partial<OperationRow>) => record(() => updateOperation(storage.db, key, columns));
  const record = <T>(writing: () => Promise<T>) =>
    recorded(account, writing).catch((error: unknown) => {
      log.error({ err: error, mutation: mutation.name }, 'How an operation ended could not be recorded');
      return null;
    });
  try {
    const { result, secret = null } = await runFrom(account, mutation, { input, ...opening });
    await write({ status: 'SUCCEEDED', result: JSON.stringify(result), error: null, finished_at: clock.now() });
    return { status: 'SUCCEEDED', key, result, secret };
  } catch (error) {
    if (error instanceof OutcomeLost) {
      await write({ status: 'UNKNOWN' });
      return { status: 'UNKNOWN', key };
    }
    const failure = failureIn(error);
    if (failure === null) throw error;
    // What an earlier sending did may have become doubtful meanwhile: then this has not failed.
    const lost = await record(() =>
      storage.transaction(async (trx) => {
        if (await markLost(trx, key, clock.now())) return true;
        await updateOperation(trx, key, { status: 'FAILED', error: JSON.stringify(failure), finished_at: clock.now() });
        return false;
      }),
    );
    return lost === true ? { status: 'UNKNOWN', key } : { status: 'FAILED', key, failure };
  }
}

/** Runs it from what its steps have done by now; anew each time that turns out to be more than was known. */
async function runFrom(account: Account, mutation: AnyMutation, { input, ...opening }: Task) {
  for (;;) {
    try {
      return await mutation.run(await openOperation(account, opening), input);
    } catch (error) {
      if (!(error instanceof EarlierAttemptStands)) throw error;
    }
  }
}

/** A question to DIDfarm that failed before anything was to be sent leaves everything as it was. */
function failureIn(error: unknown): Failure | null {
  if (error instanceof ActionFailed) return error.failure;
  return error instanceof UpstreamFailure ? { ...failureOf(error), retryable: true } : null;
}
