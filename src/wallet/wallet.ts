import type { Account } from '../account.ts';
import type { SnapshotPolicy } from '../cache/freshness.ts';
import type { SnapshotRead, SnapshotReader } from '../cache/snapshots.ts';
import type { Balance } from '../didfarm/client.ts';

/**
 * How old the balance may be, in milliseconds: with the time that an answer takes, never a minute. For whatever changes
 * the balance, to have it read again: `snapshots.expire(account, walletPolicy, '')`.
 */
export const walletPolicy: SnapshotPolicy = { resource: 'wallet', fresh: 20_000, bound: 50_000 };

/** What the wallet holds, read again from `GET /wallet/balance` where it is older than it may be: then it is a promise. */
export function readBalance(
  account: Account,
  reader: SnapshotReader,
): SnapshotRead<Balance> | Promise<SnapshotRead<Balance>> {
  return account.snapshots.read(account.id, walletPolicy, '', (call) => account.didfarm.readBalance(call), reader);
}
