import type { Account } from '../account.ts';
import type { SnapshotRead, SnapshotReader } from '../cache/snapshots.ts';
import { readHead } from './mirror.ts';
import { headResource, type MirrorProgress } from './mirror-state.ts';

/** Milliseconds. */
const policy = { resource: headResource, fresh: 30_000, bound: 60_000 };

/** The newest transactions, read again from `GET /wallet/transactions` where they are older than they may be: then it is a promise. */
export function refreshTransactions(
  account: Account,
  reader: SnapshotReader,
): SnapshotRead<MirrorProgress> | Promise<SnapshotRead<MirrorProgress>> {
  return account.snapshots.read(account.id, policy, '', (call) => readHead(account, call), reader);
}
