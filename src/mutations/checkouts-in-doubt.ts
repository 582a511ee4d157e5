import type { Account } from '../account.ts';
import { type OperationKey, stepsOfOperations } from '../operations/store.ts';

/**
 * The numbers of checkouts, of whichever mutation, that were sent and whose outcome is not known yet; each with words for which
 * operation that is: its key is told to its own viewer alone. One of longer ago than a key is kept is in nobody's way any more.
 */
export async function numbersInDoubt(account: Account, own: OperationKey): Promise<ReadonlyMap<string, string>> {
  const since = account.keysKeptFor === undefined ? 0 : account.clock.now() - account.keysKeptFor;
  const steps = await stepsOfOperations(account.storage.db, account.id)
    .select(['operation_steps.viewer', 'operation_steps.idempotency_key', 'operation_steps.evidence'])
    .where('operations.status', 'in', ['PENDING', 'UNKNOWN'])
    .where('operation_steps.name', 'like', 'checkout%')
    .where('operation_steps.status', 'in', ['PENDING', 'UNKNOWN'])
    .where('operation_steps.sent_at', '>', since)
    .execute();
  const inDoubt = new Map<string, string>();
  for (const { viewer, idempotency_key: key, evidence } of steps) {
    const { numbers = [] } = JSON.parse(evidence ?? '{}') as { numbers?: readonly string[] };
    const words =
      viewer === own.viewer
        ? `the outcome of your operation ${JSON.stringify(key)} is not known yet, ask for it first`
        : 'the outcome of another operation is not known yet';
    for (const number of numbers) inDoubt.set(number, words);
  }
  return inDoubt;
}
