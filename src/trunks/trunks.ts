import { type AccountId, clientKey } from '../access/viewer.ts';
import type { TrunkListing } from '../didfarm/client.ts';
import { knownSince } from '../events/timeliness.ts';
import type { TrunkRow } from '../storage/tables.ts';

/** TrunkStatus of the graph. */
export type TrunkStatus = 'PROVISIONING' | 'REGISTERED' | 'OFFLINE' | 'UNKNOWN';

const statuses = new Map<string, TrunkStatus>([
  ['provisioning', 'PROVISIONING'],
  ['registered', 'REGISTERED'],
  ['active', 'REGISTERED'],
  ['online', 'REGISTERED'],
  ['offline', 'OFFLINE'],
  ['unregistered', 'OFFLINE'],
]);

/** What stands for DIDfarm's word where a complete listing no longer has the trunk. */
export const unlisted = 'not listed';

/** DIDfarm publishes `provisioning` alone; the rest is read as it is likely meant, and kept raw beside it. */
export function trunkStatus(raw: string | null): TrunkStatus {
  return statuses.get(raw?.trim().toLowerCase() ?? '') ?? 'UNKNOWN';
}

/** The key of a trunk that is seen for the first time: its uuid, or its number where the row carries no uuid. */
export function newTrunkKey(identity: { uuid: string | null; sipTrunkId: number | null }): string {
  return identity.uuid ?? `id-${identity.sipTrunkId}`;
}

/** A trunk's row after a listing that was asked for at `asOf` showed it. */
export function listedTrunk(
  account: AccountId,
  before: TrunkRow | undefined,
  listed: TrunkListing,
  asOf: number,
): TrunkRow {
  return before === undefined ? firstSeen(account, listed, asOf) : { ...before, ...shown(before, listed, asOf) };
}

/** A trunk's row after a complete listing, asked for at `asOf`, did not have it. One that is newer than the listing stays as it is. */
export function unlistedTrunk(before: TrunkRow, asOf: number): TrunkRow {
  if ((knownSince(before.first_seen, asOf) ?? 0) >= asOf || !isOlder(before, asOf)) return before;
  const since = before.status === 'UNKNOWN' ? knownSince(before.status_since, asOf) : asOf;
  return { ...before, status: 'UNKNOWN', raw_status: unlisted, status_since: since };
}

function firstSeen(account: AccountId, listed: TrunkListing, asOf: number): TrunkRow {
  const name = isBlank(listed.name) ? newTrunkKey(listed) : listed.name;
  return {
    account,
    trunk_key: newTrunkKey(listed),
    uuid: listed.uuid,
    sip_trunk_id: listed.sipTrunkId,
    name,
    sip_server: listed.sipServer,
    username: listed.username,
    auth_type: listed.authType,
    status: trunkStatus(listed.status),
    raw_status: listed.status,
    // It has had its status for a time that nobody here knows.
    status_since: null,
    status_seen: null,
    seen_name: null,
    client_key: clientKey(name),
    client_name: name.trim(),
    client_override: null,
    first_seen: asOf,
  };
}

/** What a row that leaves something out does not know stays as it was. */
function shown(before: TrunkRow, listed: TrunkListing, asOf: number): Partial<TrunkRow> {
  return {
    uuid: listed.uuid ?? before.uuid,
    sip_trunk_id: listed.sipTrunkId ?? before.sip_trunk_id,
    sip_server: listed.sipServer ?? before.sip_server,
    username: listed.username ?? before.username,
    auth_type: listed.authType ?? before.auth_type,
    ...(!isBlank(listed.name) && named(before, listed.name)),
    ...(listed.status !== null && isOlder(before, asOf) && shownStatus(before, listed.status, asOf)),
  };
}

/** A name of spaces would make a client that has none. */
function isBlank(name: string): boolean {
  return name.trim() === '';
}

/** Events are dated to the second: one of the second in which the listing was asked for may be the newer of the two. */
function isOlder({ status_since }: TrunkRow, asOf: number): boolean {
  const since = knownSince(status_since, asOf);
  return since === null || Math.floor(since / 1000) < Math.floor(asOf / 1000);
}

function named(before: TrunkRow, name: string): Partial<TrunkRow> {
  if (before.client_override !== null) return { name };
  return { name, client_key: clientKey(name), client_name: name.trim() };
}

function shownStatus(before: TrunkRow, raw: string, asOf: number): Partial<TrunkRow> {
  const status = trunkStatus(raw);
  const changed = status !== before.status;
  // A trunk known from elsewhere alone, such as an import, has had its first status for a time that nobody here knows.
  const first = before.raw_status === null && before.status_since === null;
  const since = changed ? (first ? null : asOf) : knownSince(before.status_since, asOf);
  return { status, raw_status: raw, status_since: since };
}
