import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import type { OperationRow, OperationStepRow, Tables } from '../storage/tables.ts';

/** Whose key it is: keys of two viewers, or of two accounts, never meet. */
export interface OperationKey {
  readonly account: AccountId;
  readonly viewer: string;
  readonly idempotencyKey: string;
}

type Db = Kysely<Tables> | Transaction<Tables>;

/** The same input gives the same fingerprint, whatever the order of its fields. */
export function fingerprintOf(mutation: string, input: unknown): string {
  return createHash('sha256')
    .update(`${mutation}\n${canonical(input)}`)
    .digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, each]) => each !== undefined && each !== null);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`)
    .join(',')}}`;
}

const identity = (key: OperationKey) => ({
  account: key.account,
  viewer: key.viewer,
  idempotency_key: key.idempotencyKey,
});

/** True where this call made the record: of several at the same instant, one. */
export async function insertOperation(
  db: Db,
  key: OperationKey,
  row: Omit<OperationRow, 'account' | 'viewer' | 'idempotency_key'>,
): Promise<boolean> {
  const made = await db
    .insertInto('operations')
    .values({ ...identity(key), ...row })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (made.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export function findOperation(db: Db, key: OperationKey): Promise<OperationRow | undefined> {
  return db
    .selectFrom('operations')
    .selectAll()
    .where('account', '=', key.account)
    .where('viewer', '=', key.viewer)
    .where('idempotency_key', '=', key.idempotencyKey)
    .executeTakeFirst();
}

export async function updateOperation(db: Db, key: OperationKey, columns: Partial<OperationRow>): Promise<void> {
  await db
    .updateTable('operations')
    .set(columns)
    .where('account', '=', key.account)
    .where('viewer', '=', key.viewer)
    .where('idempotency_key', '=', key.idempotencyKey)
    .execute();
}

export function findSteps(db: Db, key: OperationKey): Promise<OperationStepRow[]> {
  return db
    .selectFrom('operation_steps')
    .selectAll()
    .where('account', '=', key.account)
    .where('viewer', '=', key.viewer)
    .where('idempotency_key', '=', key.idempotencyKey)
    .orderBy('position')
    .execute();
}

/** Writes a step, or overwrites the one at its place. */
export async function writeStep(
  db: Db,
  key: OperationKey,
  step: Omit<OperationStepRow, 'account' | 'viewer' | 'idempotency_key'>,
): Promise<void> {
  const { position, ...columns } = step;
  await db
    .insertInto('operation_steps')
    .values({ ...identity(key), ...step })
    .onConflict((conflict) =>
      conflict.columns(['account', 'viewer', 'idempotency_key', 'position']).doUpdateSet(columns),
    )
    .execute();
}

/** Operations of an account in one status, oldest first. */
export function operationsIn(db: Db, account: AccountId, status: string): Promise<OperationRow[]> {
  return db
    .selectFrom('operations')
    .selectAll()
    .where('account', '=', account)
    .where('status', '=', status)
    .orderBy('started_at')
    .execute();
}

/** Forgets what ended before a time (epoch milliseconds). What is not settled is kept for ever. */
export async function forgetEnded(db: Db, account: AccountId, before: number): Promise<void> {
  const ended = db
    .selectFrom('operations')
    .select(['viewer', 'idempotency_key'])
    .where('account', '=', account)
    .where('status', 'in', ['SUCCEEDED', 'FAILED'])
    .where('finished_at', '<', before);
  for (const { viewer, idempotency_key } of await ended.execute()) {
    for (const table of ['operation_steps', 'operations'] as const) {
      await db
        .deleteFrom(table)
        .where('account', '=', account)
        .where('viewer', '=', viewer)
        .where('idempotency_key', '=', idempotency_key)
        .execute();
    }
  }
}
