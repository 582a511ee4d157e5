import { sql, type Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import { inParts } from '../storage/rows.ts';
import type { Tables, TransactionRow } from '../storage/tables.ts';

/** Stands for the whole wallet where a trunk's key would stand. */
export const wholeWallet = '*';

type Spent = Pick<TransactionRow, 'amount_e8' | 'currency' | 'kind' | 'created_at' | 'reference_type'>;

/**
 * Money that left, or came back for something that was bought. A payment in refers to nothing in the picture: it is no spending,
 * unless its kind calls it a refund. A row without a date belongs to no period.
 */
export function isSpending(row: Spent): row is Spent & { created_at: number } {
  const comesBack = row.reference_type !== 'UNKNOWN' || /refund|revers/i.test(row.kind ?? '');
  return row.created_at !== null && (row.amount_e8 < 0 || comesBack);
}

/** The UTC day of an epoch millisecond, YYYY-MM-DD. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Gathers what transactions add to days and take from them, and writes it with one statement, in their own transaction. */
export interface SpendingChanges {
  add(trunkKey: string, row: Spent): void;
  remove(trunkKey: string, row: Spent): void;
  write(trx: Transaction<Tables>, account: AccountId): Promise<void>;
}

interface DayChange {
  readonly trunkKey: string;
  readonly day: string;
  readonly currency: string;
  spent: bigint;
  count: number;
}

const rowsPerStatement = 1_000;

export function createSpendingChanges(): SpendingChanges {
  const changes = new Map<string, DayChange>();
  const change = (trunkKey: string, row: Spent, sign: 1 | -1) => {
    if (!isSpending(row)) return;
    const day = dayOf(row.created_at);
    const key = `${day} ${row.currency} ${trunkKey}`;
    const known = changes.get(key) ?? { trunkKey, day, currency: row.currency, spent: 0n, count: 0 };
    known.spent -= BigInt(sign) * BigInt(row.amount_e8);
    known.count += sign;
    changes.set(key, known);
  };
  return {
    add: (trunkKey, row) => change(trunkKey, row, 1),
    remove: (trunkKey, row) => change(trunkKey, row, -1),
    async write(trx, account) {
      const changed = [...changes.values()].filter(({ spent, count }) => spent !== 0n || count !== 0);
      changes.clear();
      for (const some of inParts(changed, rowsPerStatement)) await writeDays(trx, account, some);
    },
  };
}

async function writeDays(trx: Transaction<Tables>, account: AccountId, days: readonly DayChange[]): Promise<void> {
  const rows = days.map(
    ({ trunkKey, day, currency, spent, count }) =>
      sql`(${account}, ${trunkKey}, ${day}, ${currency}, ${spent}, ${count})`,
  );
  await sql`
    insert into spending_days (account, trunk_key, day, currency, spent_e8, count) values ${sql.join(rows)}
    on conflict (account, trunk_key, day, currency) do update set
      spent_e8 = spending_days.spent_e8 + excluded.spent_e8,
      count = spending_days.count + excluded.count`.execute(trx);
}
