import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import { knownSince } from '../events/timeliness.ts';
import { asInserted, columnsBeside, differs, inParts } from '../storage/rows.ts';
import type { NumberRow, Tables } from '../storage/tables.ts';

/** NumberType of the graph. */
export type NumberType = 'LOCAL' | 'NATIONAL' | 'MOBILE' | 'TOLL_FREE' | 'UNKNOWN';
/** NumberStatus of the graph. */
export type NumberStatus = 'PROVISIONING' | 'ACTIVE' | 'SUSPENDED' | 'RELEASED' | 'UNKNOWN';
/** RegulatoryStatus of the graph. */
export type RegulatoryStatus = 'NOT_REQUIRED' | 'REQUIRED' | 'SUBMITTED' | 'APPROVED' | 'REJECTED' | 'UNKNOWN';

const types = new Map<string, NumberType>([
  ['local', 'LOCAL'],
  ['national', 'NATIONAL'],
  ['mobile', 'MOBILE'],
  ['toll-free', 'TOLL_FREE'],
  ['tollfree', 'TOLL_FREE'],
]);

/** DIDfarm's word for a type (`toll-free`, `toll_free`); what is not one of the four published is UNKNOWN. */
export function numberType(raw: string | null): NumberType {
  return types.get(raw?.trim().toLowerCase().replace(/[_ ]/g, '-') ?? '') ?? 'UNKNOWN';
}

/** The word DIDfarm takes for a type; null for UNKNOWN, which nothing can be asked for. */
export function rawNumberType(type: NumberType): string | null {
  return type === 'UNKNOWN' ? null : type.toLowerCase().replace('_', '-');
}

/**
 * Something that is true from a moment on (epoch milliseconds): an older one never replaces a newer. `at: null` is something of
 * unknown age, such as an imported list: it counts only where nothing dated is known.
 */
export interface Since<T> {
  readonly value: T;
  readonly at: number | null;
}

/** What a webhook, an answer or an import says of a number; what it leaves out stays as it was. */
export interface NumberFacts {
  readonly e164: string;
  readonly didNumberId?: number | undefined;
  readonly country?: string | undefined;
  readonly rawType?: string | undefined;
  readonly city?: string | undefined;
  readonly smsEnabled?: boolean | undefined;
  /** EUR, decimal. */
  readonly monthlyRate?: string | undefined;
  readonly setupFee?: string | undefined;
  readonly orderId?: number | undefined;
  readonly status?: Since<NumberStatus> | undefined;
  readonly regulatory?: Since<RegulatoryStatus> | undefined;
  /** The trunk it is routed to; its row must be in the picture. */
  readonly trunk?: Since<{ readonly key: string; readonly client: string }> | undefined;
}

export interface LearntNumbers {
  readonly inserted: number;
  readonly changed: number;
}

/** Rows of one statement: SQLite takes 32,766 values. */
const rowsPerStatement = 500;

/** Writes what became known of numbers into the picture, and has the transactions that refer to them attributed. */
export async function learnNumbers(
  trx: Transaction<Tables>,
  account: Account,
  facts: readonly NumberFacts[],
): Promise<LearntNumbers> {
  let inserted = 0;
  let changed = 0;
  for (const some of inParts(facts, rowsPerStatement)) {
    const known = await trx
      .selectFrom('numbers')
      .selectAll()
      .where('account', '=', account.id)
      .where(
        'e164',
        'in',
        some.map((fact) => fact.e164),
      )
      .execute();
    const learnt = await learnOfKnown(trx, account, known, some);
    inserted += learnt.inserted;
    changed += learnt.changed;
  }
  return { inserted, changed };
}

/** {@link learnNumbers} where this transaction has read already what is known of these numbers. */
export async function learnOfKnown(
  trx: Transaction<Tables>,
  account: Account,
  known: readonly NumberRow[],
  facts: readonly NumberFacts[],
): Promise<LearntNumbers> {
  const before = new Map(known.map((row) => [row.e164, row]));
  const after = new Map<string, NumberRow>();
  for (const fact of facts) {
    const row = after.get(fact.e164) ?? before.get(fact.e164) ?? unknownNumber(account.id, fact.e164);
    after.set(fact.e164, merged(row, fact, account.clock.now()));
  }
  const written = [...after.values()].filter((row) => differs(before.get(row.e164), row));
  if (written.length > 0) await write(trx, written);
  const owned = written.filter((row) => isOwnedOtherwise(before.get(row.e164), row));
  if (owned.length > 0) await account.attribute(trx, account.id, { numbers: owned.map((row) => row.e164) });
  const inserted = written.filter((row) => !before.has(row.e164)).length;
  return { inserted, changed: written.length - inserted };
}

/** Whether transactions that refer to a number may now be someone's: its status, say, is nothing to them. */
function isOwnedOtherwise(before: NumberRow | undefined, after: NumberRow): boolean {
  return (['did_number_id', 'order_id', 'trunk_key', 'client_key'] as const).some(
    (column) => before?.[column] !== after[column],
  );
}

function unknownNumber(account: string, e164: string): NumberRow {
  return {
    account,
    e164,
    did_number_id: null,
    country: null,
    type: 'UNKNOWN',
    raw_type: null,
    city: null,
    status: 'UNKNOWN',
    status_since: null,
    regulatory_status: 'UNKNOWN',
    regulatory_since: null,
    sms_enabled: null,
    monthly_rate: null,
    setup_fee: null,
    trunk_key: null,
    client_key: null,
    order_id: null,
    trunk_since: null,
  };
}

function newer<T>(fact: Since<T> | undefined, told: number | null, now: number): Since<T> | undefined {
  const since = knownSince(told, now);
  if (fact === undefined || since === null) return fact;
  return fact.at !== null && fact.at >= since ? fact : undefined;
}

function merged(row: NumberRow, fact: NumberFacts, now: number): NumberRow {
  return { ...row, ...stated(fact), ...since(row, fact, now) };
}

/** The columns that a fact names outright. */
function stated(fact: NumberFacts): Partial<NumberRow> {
  const columns: { [K in keyof NumberRow]?: NumberRow[K] | undefined } = {
    did_number_id: fact.didNumberId,
    country: fact.country,
    raw_type: fact.rawType,
    type: fact.rawType === undefined ? undefined : numberType(fact.rawType),
    city: fact.city,
    sms_enabled: fact.smsEnabled === undefined ? undefined : fact.smsEnabled ? 1 : 0,
    monthly_rate: fact.monthlyRate,
    setup_fee: fact.setupFee,
    order_id: fact.orderId,
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}

/** The columns that depend on when: status, regulatory status and routing. */
function since(row: NumberRow, fact: NumberFacts, now: number): Partial<NumberRow> {
  const status = newer(fact.status, row.status_since, now);
  const regulatory = newer(fact.regulatory, row.regulatory_since, now);
  const trunk = newer(fact.trunk, row.trunk_since, now);
  return {
    ...(status && {
      status: status.value,
      status_since: status.value === row.status ? (row.status_since ?? status.at) : status.at,
    }),
    ...(regulatory && { regulatory_status: regulatory.value, regulatory_since: regulatory.at }),
    ...(trunk && { trunk_key: trunk.value.key, client_key: trunk.value.client, trunk_since: trunk.at }),
  };
}

async function write(trx: Transaction<Tables>, rows: readonly NumberRow[]): Promise<void> {
  const columns = columnsBeside(rows, 'account', 'e164');
  await trx
    .insertInto('numbers')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['account', 'e164']).doUpdateSet(asInserted(columns)))
    .execute();
}
