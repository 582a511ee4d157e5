import type { ShownTrunk, Tables, TrunkRow } from '../tables.ts';

interface Identity {
  /** Whether its rows are an account's. */
  readonly account: boolean;
  /** The column by which single rows are read and written; null where they are not. */
  readonly key: string | null;
}

const byAccount = (key: string | null): Identity => ({ account: true, key });

/** What tells the rows of each table apart. A table that is not here is only ever touched as a whole. */
const identities: Readonly<Record<keyof Tables, Identity>> = {
  settings: { account: false, key: 'name' },
  snapshots: byAccount('resource'),
  trunks: byAccount('trunk_key'),
  numbers: byAccount('e164'),
  orders: byAccount('order_id'),
  order_items: byAccount('order_id'),
  transactions: byAccount('transaction_id'),
  spending_days: byAccount('trunk_key'),
  messages: byAccount('message_id'),
  events: byAccount('seq'),
  trimmed_statuses: byAccount('trunk_key'),
  trimmed_digests: byAccount('digest'),
  heartbeats: byAccount(null),
  blind_stretches: byAccount(null),
  operations: byAccount('idempotency_key'),
  operation_steps: byAccount('idempotency_key'),
};

const known = new Map<string, Identity>(Object.entries(identities));

export function isTable(name: string): boolean {
  return known.has(name);
}

/** Columns that no answer shows: what writes them alone makes no answer another one. */
const unshown = new Map<string, readonly string[]>([
  ['trunks', ['status_seen', 'seen_name'] satisfies Exclude<keyof TrunkRow, keyof ShownTrunk>[]],
]);

/** Whether no answer shows this column. */
export function isUnshown(table: string, column: string): boolean {
  return unshown.get(table)?.includes(column) ?? false;
}

/** The column that holds the account or the key of a table's rows; null where it has none. */
export function columnOf(table: string, part: 'account' | 'key'): string | null {
  const identity = known.get(table);
  if (identity === undefined) return null;
  if (part === 'key') return identity.key;
  return identity.account ? 'account' : null;
}
