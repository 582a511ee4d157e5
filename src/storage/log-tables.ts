/**
 * The last event about a trunk's status among those that the log no longer has: what the trunk was before the oldest that it has.
 * Primary key: account, trunk_key. Columns as in `events`.
 */
export interface TrimmedStatusRow {
  account: string;
  trunk_key: string;
  client_key: string | null;
  seq: number;
  name: string;
  source: string;
  at: number;
  received_at: number;
  confirmed_at: number | null;
  confirmed_name: string | null;
}

/** A delivery that the log no longer has and that DIDfarm may still repeat. Primary key: account, digest. Index: (account, received_at). */
export interface TrimmedDigestRow {
  account: string;
  digest: string;
  received_at: number;
}

/** When the gateway was last known to be running. Primary key: account. */
export interface HeartbeatRow {
  account: string;
  alive_at: number;
}

/** A stretch of time whose webhooks DIDfarm has dropped: nobody listened for so long. Primary key: account, begins. */
export interface BlindStretchRow {
  account: string;
  begins: number;
  ends: number;
}
