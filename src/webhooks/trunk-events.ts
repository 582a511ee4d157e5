import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import { tellsTrunkStatus } from '../events/catalogue.ts';
import { isCertainlyOlder, isNoOlder, isTimely, knownSince } from '../events/timeliness.ts';
import { afterCommit } from '../storage/after-commit.ts';
import type { Tables, TrunkRow } from '../storage/tables.ts';
import { ensureTrunks } from '../trunks/learn.ts';
import { recordSeen } from '../trunks/reconcile.ts';
import { expireTrunks } from '../trunks/refresh.ts';
import { rawStatusOfEvent, statusEvent, statusOfEvent } from '../trunks/status-names.ts';
import type { Delivery } from './delivery.ts';
import { type Effect, noEffect, noLinks } from './effect.ts';
import { isNewest, type Series, settleSince } from './ordering.ts';
import { readTrunkPayload, type TrunkPayload } from './payloads.ts';

/** `trunk.registered`, `trunk.offline`: the status and since when, by the event's own time. */
export async function trunkEffect(
  trx: Transaction<Tables>,
  account: Account,
  delivery: Delivery,
  receivedAt: number,
): Promise<Effect> {
  const trunk = await findTrunk(trx, account, readTrunkPayload(delivery.data), receivedAt);
  if (trunk === null) return noEffect();
  const links = { ...noLinks, trunk_key: trunk.trunk_key, client_key: trunk.client_key };
  if (!isTimely(delivery.at, receivedAt)) return noEffect(links);
  const series: Series = {
    account: account.id,
    table: 'trunks',
    key: trunk.trunk_key,
    told: tellsTrunkStatus,
    statusOf: ({ name }) => statusOfEvent(name),
  };
  const { at } = delivery;
  const newest = isNoOlder(at, trunk.status_since, receivedAt) && (await isNewest(trx, series, at, receivedAt));
  const refuted = newest && isRefuted(trunk, delivery, receivedAt);
  const applied = newest && !refuted;
  return {
    links,
    applied,
    async apply() {
      if (applied) return applyTrunkStatus(trx, trunk, delivery, receivedAt);
      if (refuted) await recordSeen(trx, account, trunk);
      await settleSince(trx, series, receivedAt);
    },
  };
}

/** Whether a listing of later showed the trunk as it is shown now, and not as the event says. */
function isRefuted(trunk: TrunkRow, { name, at }: Delivery, receivedAt: number): boolean {
  const shown = trunk.seen_name === statusEvent(trunk).name && trunk.seen_name !== name;
  return shown && isCertainlyOlder(at, trunk.status_seen, receivedAt);
}

/** The trunk that a payload names; one never seen before comes into being where its uuid is told. */
export async function findTrunk(
  trx: Transaction<Tables>,
  account: Account,
  { uuid, sipTrunkId }: TrunkPayload,
  receivedAt: number,
): Promise<TrunkRow | null> {
  const known = trx.selectFrom('trunks').selectAll().where('account', '=', account.id);
  if (uuid === null)
    return sipTrunkId === null
      ? null
      : ((await known.where('sip_trunk_id', '=', sipTrunkId).executeTakeFirst()) ?? null);
  const named = await known.where('uuid', '=', uuid).executeTakeFirst();
  if (named !== undefined) return named;
  // The next reader has it listed, and so named.
  afterCommit(trx, () => void expireTrunks(account));
  return (await ensureTrunks(trx, account, [uuid], receivedAt)).get(uuid) ?? null;
}

async function applyTrunkStatus(
  trx: Transaction<Tables>,
  trunk: TrunkRow,
  { name, at }: Delivery,
  now: number,
): Promise<void> {
  const status = statusOfEvent(name);
  await trx
    .updateTable('trunks')
    .set({
      status,
      raw_status: rawStatusOfEvent(name),
      status_since: status === trunk.status ? (knownSince(trunk.status_since, now) ?? at) : at,
    })
    .where('account', '=', trunk.account)
    .where('trunk_key', '=', trunk.trunk_key)
    .execute();
}
