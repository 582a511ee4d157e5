import type { Transaction } from 'kysely';
import { clientKey } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import type { TrunkListing } from '../didfarm/client.ts';
import { inParts } from '../storage/rows.ts';
import type { Tables, TrunkRow } from '../storage/tables.ts';
import { readKnownTrunks, writeTrunks } from './known.ts';
import { recordShown, type ShownChange, type ToldSince, toldSince } from './reconcile.ts';
import { regroup } from './regroup.ts';
import { statusEvent } from './status-names.ts';
import { listedTrunk, trunkStatus, unlistedTrunk } from './trunks.ts';

/** Whose trunks, and what follows from knowing them. */
type Owner = Pick<Account, 'id' | 'attribute' | 'clock' | 'wake'>;

const keysPerStatement = 1_000;

/** What a listing showed. It speaks for the moment it was asked for (`asOf`, epoch milliseconds); `complete`: it left nothing out. */
export interface TrunksListed {
  readonly items: readonly TrunkListing[];
  readonly complete: boolean;
  readonly asOf: number;
}

/**
 * Writes listed trunks into the picture, and what that changes of their statuses into the log; a status that is newer than the listing
 * stays. Two rows that turn out to be one trunk (one known by uuid, one by number) become one. A trunk that a complete listing no
 * longer has keeps its history and loses its status.
 */
export async function learnTrunks(
  trx: Transaction<Tables>,
  account: Owner,
  { items, complete, asOf }: TrunksListed,
): Promise<void> {
  const known = await readKnownTrunks(trx, account.id);
  const told = toldSince(trx, account, asOf);
  const shown: ShownChange[] = [];
  const seen: TrunkRow[] = [];
  for (const each of items) {
    const { row: before, merged } = await known.find(each);
    if (merged) told.forget();
    const after = await unlessNewer(told, before, listedTrunk(account.id, before, each, asOf));
    await known.learn(before, after);
    if (each.status !== null && trunkStatus(each.status) === after.status) seen.push(after);
    shown.push({ before, after });
  }
  await known.write();
  await regroup(
    trx,
    account.id,
    shown.filter(hasNewClient).map(({ after }) => after),
  );
  const identified = shown.filter(({ before, after }) => before?.sip_trunk_id !== after.sip_trunk_id);
  const listed = new Set(shown.map(({ after }) => after.trunk_key));
  if (complete && items.length > 0) shown.push(...(await forget(trx, account, listed, asOf, told)));
  await recordShown(trx, account, shown.filter(hasNewStatus), asOf);
  await markSeen(trx, account, seen, asOf);
  if (identified.length > 0)
    await account.attribute(trx, account.id, { trunks: identified.map(({ after }) => after.trunk_key) });
}

/** A trunk that comes into being without a status that anybody knows is no change of one. */
function hasNewStatus({ before, after }: ShownChange): boolean {
  return (before?.status ?? 'UNKNOWN') !== after.status;
}

function hasNewClient({ before, after }: ShownChange): boolean {
  return before !== undefined && before.client_key !== after.client_key;
}

/** The trunks that were there before the listing was asked for, and that it does not have. */
async function forget(
  trx: Transaction<Tables>,
  account: Owner,
  listed: ReadonlySet<string>,
  asOf: number,
  told: ToldSince,
): Promise<ShownChange[]> {
  const known = trx.selectFrom('trunks').selectAll().where('account', '=', account.id).orderBy('trunk_key');
  const forgotten: ShownChange[] = [];
  for (const before of await known.execute()) {
    if (listed.has(before.trunk_key)) continue;
    const after = await unlessNewer(told, before, unlistedTrunk(before, asOf));
    if (after.raw_status !== before.raw_status) forgotten.push({ before, after });
  }
  await writeTrunks(
    trx,
    forgotten.map(({ after }) => after),
  );
  return forgotten;
}

/** What an event has told since the listing was asked for stays. */
async function unlessNewer(told: ToldSince, before: TrunkRow | undefined, row: TrunkRow): Promise<TrunkRow> {
  if (before === undefined || before.status === row.status || !(await told.has(before))) return row;
  return { ...row, status: before.status, raw_status: before.raw_status, status_since: before.status_since };
}

/** Until when a status is certain, in case that the next listing shows another. */
async function markSeen(
  trx: Transaction<Tables>,
  account: Owner,
  trunks: readonly TrunkRow[],
  asOf: number,
): Promise<void> {
  for (const [seen_name, shown] of Map.groupBy(trunks, (trunk) => statusEvent(trunk).name)) {
    for (const some of inParts(shown, keysPerStatement))
      await trx
        .updateTable('trunks')
        .set({ status_seen: asOf, seen_name })
        .where('account', '=', account.id)
        .where(
          'trunk_key',
          'in',
          some.map(({ trunk_key }) => trunk_key),
        )
        .execute();
  }
}

/** The trunks with these uuids; one never seen before comes into being, nameless until a listing names it. */
export async function ensureTrunks(
  trx: Transaction<Tables>,
  account: Owner,
  uuids: readonly string[],
  at: number,
): Promise<ReadonlyMap<string, TrunkRow>> {
  const known = await readKnownTrunks(trx, account.id);
  const missing = [...new Set(uuids)].filter((uuid) => !known.byUuid.has(uuid));
  for (const uuid of missing) await known.learn(undefined, nameless(account.id, uuid, at));
  await known.write();
  if (missing.length > 0) await account.attribute(trx, account.id, { trunks: missing });
  return known.byUuid;
}

function nameless(account: string, uuid: string, at: number): TrunkRow {
  return {
    account,
    trunk_key: uuid,
    uuid,
    sip_trunk_id: null,
    name: uuid,
    sip_server: null,
    username: null,
    auth_type: null,
    status: 'UNKNOWN',
    raw_status: null,
    status_since: null,
    status_seen: null,
    seen_name: null,
    client_key: clientKey(uuid),
    client_name: uuid,
    client_override: null,
    first_seen: at,
  };
}
