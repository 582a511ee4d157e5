import type { Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import { tellsTrunkStatus } from '../events/catalogue.ts';
import { appendOwn } from '../events/log.ts';
import { countedAt, earliestReceipt, isNoOlder, knownSince } from '../events/timeliness.ts';
import { afterCommit } from '../storage/after-commit.ts';
import type { EventRow, Tables, TrunkRow } from '../storage/tables.ts';
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
  const received_at = account.clock.now();
  await appendOwn(
    trx,
    account.id,
    changes.map(({ before, after }) => {
      const data: ShownStatus = { uuid: after.uuid, sip_trunk_id: after.sip_trunk_id, status: after.raw_status };
      return {
        ...statusEvent(after),
        source: 'RECONCILED',
        at: asOf,
        received_at,
        e164: null,
        trunk_key: after.trunk_key,
        client_key: after.client_key,
        order_id: null,
        message_id: null,
        data: JSON.stringify(data),
        applied: 1,
        confirmed_at: knownSince(before?.status_seen, asOf),
        confirmed_name: before?.seen_name ?? null,
      };
    }),
  );
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

/** Which trunks' status was told since a listing was asked for. */
export interface ToldSince {
  has(trunk: TrunkRow): Promise<boolean>;
  /** Events have another trunk now, and are read again. */
  forget(): void;
}

/**
 * Told since `asOf` is what a later listing showed, and what an event of the same second says, which is as exact as DIDfarm dates them.
 * Read for all trunks at once, when it is first asked for.
 */
export function toldSince(trx: Transaction<Tables>, { id }: Pick<Account, 'id'>, asOf: number): ToldSince {
  let latest: Promise<ReadonlyMap<string | null, ToldStatus>> | null = null;
  return {
    async has({ trunk_key }) {
      latest ??= readLatest(trx, id, asOf);
      const last = (await latest).get(trunk_key);
      const known = last && knownSince(countedAt(last.at, last.received_at), asOf);
      if (last === undefined || known == null) return false;
      return last.source === 'RECONCILED' ? known > asOf : isNoOlder(known, asOf, asOf);
    },
    forget() {
      latest = null;
    },
  };
}

type ToldStatus = Pick<EventRow, 'trunk_key' | 'source' | 'at' | 'received_at'>;

/** The last event of each trunk, as far as it can count from `asOf` or later. */
async function readLatest(
  trx: Transaction<Tables>,
  account: AccountId,
  asOf: number,
): Promise<ReadonlyMap<string | null, ToldStatus>> {
  const events = await trx
    .selectFrom('events')
    .select(['trunk_key', 'source', 'at', 'received_at'])
    .where('account', '=', account)
    .where('received_at', '>=', earliestReceipt(asOf))
    .where('applied', '=', 1)
    .where(tellsTrunkStatus)
    .orderBy('seq')
    .execute();
  return new Map(events.map((event) => [event.trunk_key, event]));
}
