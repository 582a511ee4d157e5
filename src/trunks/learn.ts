import type { Transaction } from 'kysely';
import { clientKey } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import type { TrunkListing } from '../didfarm/client.ts';
import { differs } from '../storage/rows.ts';
import type { Tables, TrunkRow } from '../storage/tables.ts';
import { mergeTrunks } from './merge.ts';
import { isToldSince, recordShown, type ShownChange } from './reconcile.ts';
import { regroup } from './regroup.ts';
import { statusEvent } from './status-names.ts';
import { listedTrunk, trunkStatus, unlistedTrunk } from './trunks.ts';

/** Whose trunks, and what follows from knowing them. */
type Owner = Pick<Account, 'id' | 'attribute' | 'clock' | 'wake'>;

/** The trunks of the picture, found by either of their identities. */
interface KnownTrunks {
  readonly byUuid: Map<string, TrunkRow>;
  readonly byNumber: Map<number, TrunkRow>;
}

/** Both databases take far more parameters than these. */
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
  const known = await readKnown(trx, account);
  const shown: ShownChange[] = [];
  const seen: TrunkRow[] = [];
  for (const each of items) {
    const before = await findTrunk(trx, account, known, each);
    const after = await unlessNewer(trx, before, listedTrunk(account.id, before, each, asOf), asOf);
    remember(known, after);
    if (differs(before, after)) await writeTrunk(trx, after);
    if (before !== undefined && before.client_key !== after.client_key) await regroup(trx, account.id, [after]);
    if (each.status !== null && trunkStatus(each.status) === after.status) seen.push(after);
    shown.push({ before, after });
  }
  const identified = shown.filter(({ before, after }) => before?.sip_trunk_id !== after.sip_trunk_id);
  const listed = new Set(shown.map(({ after }) => after.trunk_key));
  if (complete && items.length > 0) shown.push(...(await forget(trx, account, listed, asOf)));
  await recordShown(trx, account, shown.filter(hasNewStatus), asOf);
  await markSeen(trx, account, seen, asOf);
  if (identified.length > 0)
    await account.attribute(trx, account.id, { trunks: identified.map(({ after }) => after.trunk_key) });
}

/** A trunk that comes into being without a status that anybody knows is no change of one. */
function hasNewStatus({ before, after }: ShownChange): boolean {
  return (before?.status ?? 'UNKNOWN') !== after.status;
}

/** The trunks that were there before the listing was asked for, and that it does not have. */
async function forget(
  trx: Transaction<Tables>,
  account: Owner,
  listed: ReadonlySet<string>,
  asOf: number,
): Promise<ShownChange[]> {
  const rows = await trx.selectFrom('trunks').selectAll().where('account', '=', account.id).execute();
  const forgotten: ShownChange[] = [];
  for (const before of rows) {
    if (listed.has(before.trunk_key)) continue;
    const after = await unlessNewer(trx, before, unlistedTrunk(before, asOf), asOf);
    if (after.raw_status === before.raw_status) continue;
    await writeTrunk(trx, after);
    forgotten.push({ before, after });
  }
  return forgotten;
}

/** What an event has told since the listing was asked for stays. */
async function unlessNewer(
  trx: Transaction<Tables>,
  before: TrunkRow | undefined,
  row: TrunkRow,
  asOf: number,
): Promise<TrunkRow> {
  if (before === undefined || before.status === row.status || !(await isToldSince(trx, before, asOf))) return row;
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
    for (let start = 0; start < shown.length; start += keysPerStatement) {
      const some = shown.slice(start, start + keysPerStatement);
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
}

/** The trunks with these uuids; one never seen before comes into being, nameless until a listing names it. */
export async function ensureTrunks(
  trx: Transaction<Tables>,
  account: Owner,
  uuids: readonly string[],
  at: number,
): Promise<ReadonlyMap<string, TrunkRow>> {
  const known = await readKnown(trx, account);
  const missing = [...new Set(uuids)].filter((uuid) => !known.byUuid.has(uuid));
  for (const uuid of missing) {
    const row = nameless(account.id, uuid, at);
    await writeTrunk(trx, row);
    remember(known, row);
  }
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

async function readKnown(trx: Transaction<Tables>, account: Owner): Promise<KnownTrunks> {
  const rows = await trx.selectFrom('trunks').selectAll().where('account', '=', account.id).execute();
  const known: KnownTrunks = { byUuid: new Map(), byNumber: new Map() };
  for (const row of rows) remember(known, row);
  return known;
}

function remember(known: KnownTrunks, row: TrunkRow): void {
  if (row.uuid !== null) known.byUuid.set(row.uuid, row);
  if (row.sip_trunk_id !== null) known.byNumber.set(row.sip_trunk_id, row);
}

async function findTrunk(
  trx: Transaction<Tables>,
  account: Owner,
  known: KnownTrunks,
  listed: TrunkListing,
): Promise<TrunkRow | undefined> {
  const named = listed.uuid === null ? undefined : known.byUuid.get(listed.uuid);
  const numbered = listed.sipTrunkId === null ? undefined : known.byNumber.get(listed.sipTrunkId);
  if (numbered === undefined || numbered.trunk_key === named?.trunk_key) return named;
  if (numbered.uuid !== null && listed.uuid !== null && numbered.uuid !== listed.uuid) {
    // The number is another trunk's now. What the old one has must never become the new one's, so it only loses the number.
    const row = { ...numbered, sip_trunk_id: null };
    await writeTrunk(trx, row);
    remember(known, row);
    return named;
  }
  if (named === undefined) return numbered;
  await mergeTrunks(trx, account.id, numbered, named);
  return named;
}

async function writeTrunk(trx: Transaction<Tables>, row: TrunkRow): Promise<void> {
  const { account, trunk_key, first_seen, ...columns } = row;
  await trx
    .insertInto('trunks')
    .values(row)
    .onConflict((conflict) => conflict.columns(['account', 'trunk_key']).doUpdateSet(columns))
    .execute();
}
