import type { BlindStretchRow, HeartbeatRow, TrimmedDigestRow, TrimmedStatusRow } from './log-tables.ts';
import type { OperationRow, OperationStepRow } from './operation-tables.ts';

/**
 * The rows as both databases hold them. Times are epoch milliseconds (bigint columns, read as numbers), flags are 0 or 1,
 * money is an exact decimal as text, `*_e8` the same amount as a whole number of 10^-8 for sums in SQL.
 * Every table but `settings` is keyed by account.
 */
export interface Tables {
  settings: SettingRow;
  snapshots: SnapshotRow;
  trunks: TrunkRow;
  numbers: NumberRow;
  orders: OrderRow;
  order_items: OrderItemRow;
  transactions: TransactionRow;
  spending_days: SpendingDayRow;
  messages: MessageRow;
  events: EventRow;
  trimmed_statuses: TrimmedStatusRow;
  trimmed_digests: TrimmedDigestRow;
  heartbeats: HeartbeatRow;
  blind_stretches: BlindStretchRow;
  operations: OperationRow;
  operation_steps: OperationStepRow;
}

export type Flag = 0 | 1;

/** What the installation itself must remember, such as the key that signs cursors. Primary key: name. */
export interface SettingRow {
  name: string;
  value: string;
}

/** When a resource was last read whole from DIDfarm, and its body where no table of its own holds it. Primary key: account, resource. */
export interface SnapshotRow {
  account: string;
  /** `wallet`, `trunks`, `transactions`, `search?country=NL&…&page=1`. */
  resource: string;
  /** JSON. */
  body: string | null;
  as_of: number | null;
  /** 1: out of date whatever its age; the next reader waits for a refresh. */
  due: Flag;
  complete: Flag;
  row_count: number;
  /** The last refresh failed with this, after `as_of`; null where it succeeded. */
  error: string | null;
}

/**
 * Primary key: account, trunk_key. Unique: (account, uuid), (account, sip_trunk_id) where not null.
 * Indexes: (account, client_key, trunk_key).
 */
export interface TrunkRow {
  account: string;
  /** The uuid, or `id-7` where the trunk was first seen without one. Never changes. */
  trunk_key: string;
  uuid: string | null;
  sip_trunk_id: number | null;
  name: string;
  sip_server: string | null;
  username: string | null;
  auth_type: string | null;
  /** TrunkStatus of the graph. */
  status: string;
  raw_status: string | null;
  status_since: number | null;
  /** When a listing last showed its status, and the name of the event that tells that one. */
  status_seen: number | null;
  seen_name: string | null;
  /** {@link client_override} or the name, as it is compared and as it is shown. */
  client_key: string;
  client_name: string;
  client_override: string | null;
  first_seen: number;
}

/** A trunk as answers have it: without what each listing writes, however little it shows. */
export type ShownTrunk = Omit<TrunkRow, 'status_seen' | 'seen_name'>;

/** What webhooks change of a trunk all the time. */
export type TrunkStatusRow = Pick<TrunkRow, 'status' | 'raw_status' | 'status_since'>;

/** A trunk as far as it does not depend on its status. */
export type NamedTrunk = Omit<ShownTrunk, keyof TrunkStatusRow>;

/**
 * Primary key: account, e164. Indexes: (account, did_number_id), (account, trunk_key, e164), (account, client_key, e164),
 * (account, order_id), (account, status, e164), (account, country, e164).
 */
export interface NumberRow {
  account: string;
  e164: string;
  did_number_id: number | null;
  country: string | null;
  /** NumberType of the graph. */
  type: string;
  raw_type: string | null;
  city: string | null;
  /** NumberStatus of the graph. */
  status: string;
  status_since: number | null;
  /** RegulatoryStatus of the graph. */
  regulatory_status: string;
  regulatory_since: number | null;
  sms_enabled: Flag | null;
  /** EUR, decimal. */
  monthly_rate: string | null;
  setup_fee: string | null;
  trunk_key: string | null;
  /** The trunk's client, kept here so that a client's pages are one index range. */
  client_key: string | null;
  order_id: number | null;
  /** When the routing became known, so that a late event does not undo a newer assignment. */
  trunk_since: number | null;
}

/** Primary key: account, order_id. Index: (account, placed_at, order_id). */
export interface OrderRow {
  account: string;
  order_id: number;
  placed_at: number;
  /** EUR, decimal, positive. */
  total: string | null;
  requires_regulatory: Flag;
}

/** Primary key: account, order_id, e164. */
export interface OrderItemRow {
  account: string;
  order_id: number;
  e164: string;
  did_number_id: number | null;
  monthly_rate: string | null;
  setup_fee: string | null;
}

/**
 * Primary key: account, transaction_id. Indexes, each ending in (sort_at, transaction_id): (account), (account, client_key),
 * (account, trunk_key), (account, e164), (account, order_id), (account, reference_type); and (account, reference_type, reference_id).
 */
export interface TransactionRow {
  account: string;
  transaction_id: string;
  /** Signed decimal: negative is spent. */
  amount: string;
  amount_e8: number;
  currency: string;
  kind: string | null;
  description: string | null;
  created_at: number | null;
  /** `created_at`, or 0 where the upstream gave none. */
  sort_at: number;
  /** ReferenceType of the graph. */
  reference_type: string;
  raw_reference_type: string | null;
  reference_id: string | null;
  /** What the reference resolves to, filled in as soon as it is known. */
  e164: string | null;
  order_id: number | null;
  /** To whom the money is attributed: set once, when it first becomes known, so that moving a number later does not rewrite a bill. */
  trunk_key: string | null;
  client_key: string | null;
}

/**
 * What was spent a UTC day, so that a year's sum reads days and not rows. Primary key: account, trunk_key,
 * day, currency. Index: (account, day). `trunk_key` is '*' for the whole wallet.
 */
export interface SpendingDayRow {
  account: string;
  trunk_key: string;
  /** YYYY-MM-DD. */
  day: string;
  currency: string;
  /** Positive: spent. Refunds reduce it. */
  spent_e8: number;
  count: number;
}

/** Primary key: account, message_id. Indexes ending in (at, message_id): (account), (account, e164), (account, client_key). */
export interface MessageRow {
  account: string;
  message_id: string;
  /** MessageDirection of the graph. */
  direction: string;
  sender: string;
  recipient: string;
  body: string;
  status: string;
  raw_status: string | null;
  segments: number | null;
  cost: string | null;
  currency: string | null;
  at: number;
  /** The account's own number, and whose it was when the message passed: a number that moves takes no old messages along. */
  e164: string | null;
  trunk_key: string | null;
  client_key: string | null;
}

/**
 * The log. Primary key: account, seq (1, 2, 3 … an account, without gaps; the oldest are trimmed). Unique: (account, digest).
 * Indexes ending in seq: (account, e164), (account, trunk_key), (account, client_key), (account, type); and (account, received_at).
 */
export interface EventRow {
  account: string;
  seq: number;
  /** SHA-256 of the delivered bytes, hex: a retry is the same event. What a listing showed has its number in its place. */
  digest: string;
  /** EventType of the graph. */
  type: string;
  name: string;
  source: string;
  at: number;
  received_at: number;
  e164: string | null;
  trunk_key: string | null;
  client_key: string | null;
  order_id: number | null;
  message_id: string | null;
  /** JSON, as delivered. */
  data: string;
  /** 1 where it changed the picture; 0 where it was too old, or older than what was known. */
  applied: Flag;
  /** For what a listing showed: when one was read before it, and the name of the event that tells what that one showed. */
  confirmed_at: number | null;
  confirmed_name: string | null;
}
