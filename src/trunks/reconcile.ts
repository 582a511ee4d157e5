import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import { tellsTrunkStatus } from '../events/catalogue.ts';
import { appendEvent, lastSeq } from '../events/log.ts';
import { countedAt, isNoOlder, knownSince } from '../events/timeliness.ts';
import { afterCommit } from '../storage/after-commit.ts';
import type { Tables, TrunkRow } from '../storage/tables.ts';
import { type ShownStatus, statusEvent } from './status-names.ts';

/** A trunk before and after a listing showed it, or showed it no more. */
export interface ShownChange {
  readonly before: TrunkRow | undefined;
  readonly after: TrunkRow;
}

/**
 * Records statuses that a listing, asked for at `asOf`, showed and that no event explains, in the transaction that writes them into
 * the picture: from then on they are events like any other, and the readers of the log are woken once they are committed.
 */
export async function recordShown(
  trx: Transaction<Tables>,
  account: Pick<Account, 'id' | 'clock' | 'wake'>,
  changes: readonly ShownChange[],
  asOf: number,
): Promise<void> {
  if (changes.length === 0) return;
  const last = await lastSeq(trx, account.id);
  for (const [place, { before, after }] of changes.entries()) {
    const { type, name } = statusEvent(after);
    const data: ShownStatus = { uuid: after.uuid, sip_trunk_id: after.sip_trunk_id, status: after.raw_status };
    await appendEvent(trx, account.id, {
      // Nothing was delivered. Its number is its own for good.
      digest: `reconciled ${last + place + 1}`,
      type,
      name,
      source: 'RECONCILED',
      at: asOf,
      received_at: account.clock.now(),
      e164: null,
      trunk_key: after.trunk_key,
      client_key: after.client_key,
      order_id: null,
      message_id: null,
      data: JSON.stringify(data),
      applied: 1,
      confirmed_at: knownSince(before?.status_seen, asOf),
      confirmed_name: before?.seen_name ?? null,
    });
  }
  afterCommit(trx, account.wake);
}

/** Records what a listing last showed of a trunk, where an event of before it that came in later no longer explains that. */
export async function recordSeen(
  trx: Transaction<Tables>,
  account: Pick<Account, 'id' | 'clock' | 'wake'>,
  trunk: TrunkRow,
): Promise<void> {
  if (trunk.status_seen === null) return;
  await recordShown(trx, account, [{ before: undefined, after: trunk }], trunk.status_seen);
}

/**
 * Whether a trunk's status was told since a listing was asked for: by a later listing, or by an event of the same second, which is as
 * exact as DIDfarm dates them.
 */
export async function isToldSince(trx: Transaction<Tables>, trunk: TrunkRow, asOf: number): Promise<boolean> {
  const last = await trx
    .selectFrom('events')
    .select(['source', 'at', 'received_at'])
    .where('account', '=', trunk.account)
    .where('trunk_key', '=', trunk.trunk_key)
    .where('applied', '=', 1)
    .where(tellsTrunkStatus)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const known = last && knownSince(countedAt(last.at, last.received_at), asOf);
  if (last === undefined || known == null) return false;
  return last.source === 'RECONCILED' ? known > asOf : isNoOlder(known, asOf, asOf);
}
