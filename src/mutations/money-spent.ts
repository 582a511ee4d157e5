import type { Account } from '../account.ts';
import type { Failure } from '../operations/failure.ts';
import type { Operation } from '../operations/operation.ts';
import { walletPolicy } from '../wallet/wallet.ts';

/** How long the answer of a mutation that spent money may wait for the balance afterwards, in milliseconds. */
const allowance = 5_000;

/**
 * After money was spent: the balance is read again before the mutation is answered, and the transactions before they are next shown.
 * Where DIDfarm cannot be asked now, the next reader asks.
 */
export async function refreshMoney({ account, spender, onSent }: Operation): Promise<void> {
  const asOf = account.clock.now();
  await account.snapshots.expire(account.id, { ...walletPolicy, resource: 'transactions' }, '');
  try {
    const balance = await account.didfarm.readBalance({ priority: 'act', deadline: asOf + allowance, spender, onSent });
    await account.snapshots.write(account.id, walletPolicy, '', balance, asOf);
  } catch {
    await account.snapshots.expire(account.id, walletPolicy, '');
  }
}

/** A wallet that holds too little holds less than was thought: whoever shows it with the refusal asks anew. */
export async function withFreshBalance(account: Account, failure: Failure): Promise<Failure> {
  if (failure.type === 'InsufficientBalanceError') await account.snapshots.expire(account.id, walletPolicy, '');
  return failure;
}
