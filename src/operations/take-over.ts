import type { Account } from '../account.ts';
import type { OperationRow } from '../storage/operation-tables.ts';
import { type Failure, invalid } from './failure.ts';
import type { AnyMutation, AnySettled } from './mutation.ts';
import type { Run } from './run.ts';
import { claimOperation, findOperation, markLost, type OperationKey } from './store.ts';

/** Milliseconds. How often, and for how long, it is looked whether another process has ended what it works on. */
const lookAgain = 500;
const patience = 60_000;

interface Wish {
  readonly mutation: AnyMutation;
  readonly key: OperationKey;
  readonly fingerprint: string;
}

/** What the record of a key that was sent before answers; null where it is now this run's to work on. */
export async function fromRecord(account: Account, run: Run, wish: Wish): Promise<AnySettled | null> {
  const { storage, clock } = account;
  const { key } = wish;
  for (const until = clock.now() + patience; ; ) {
    const known = await findOperation(storage.db, key);
    if (known === undefined) throw new Error('The record of an operation was removed while it was read');
    const answer = answerIn(wish, known);
    if (answer !== null) return answer;
    const isAnothers = known.status === 'PENDING' && known.owner !== run.id && (await run.lives(known.owner));
    if (!isAnothers) {
      const taken = await takeOver(account, run, key, known);
      if (taken !== 'again') return taken;
    } else if (clock.now() < until) await clock.sleep(lookAgain);
    else return { status: 'FAILED', key, failure: underWay };
  }
}

/** Pending, and nobody is at work on it: what was about to be sent may have been sent. */
async function takeOver(
  { storage, clock }: Account,
  run: Run,
  key: OperationKey,
  known: OperationRow,
): Promise<AnySettled | null | 'again'> {
  const lost = known.status === 'PENDING' && (await storage.transaction((trx) => markLost(trx, key, clock.now())));
  if (lost) return { status: 'UNKNOWN', key };
  return (await claimOperation(storage.db, key, known, run.id)) ? null : 'again';
}

/** Null where it has not ended, or has ended in a way that may be tried again. */
function answerIn({ mutation, key, fingerprint }: Wish, known: OperationRow): AnySettled | null {
  if (known.fingerprint !== fingerprint) return { status: 'FAILED', key, failure: otherInput };
  if (known.status === 'SUCCEEDED')
    return { status: 'SUCCEEDED', key, result: JSON.parse(known.result ?? 'null'), secret: null };
  if (known.status === 'UNKNOWN') return { status: 'UNKNOWN', key };
  if (known.status === 'PENDING') return null;
  const failure = JSON.parse(known.error ?? 'null') as Failure;
  return mutation.resumable === true || failure.retryable === true ? null : { status: 'FAILED', key, failure };
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

const underWay: Failure = {
  type: 'UpstreamError',
  code: 'UNDER_WAY',
  message:
    'Another process of the gateway is still at work on it: ask for the operation, or send it again with the same key.',
  status: null,
  retryable: true,
};
