import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import type { OperationRow, OperationStepRow } from '../storage/operation-tables.ts';
import type { Tables } from '../storage/tables.ts';

/** Whose key it is: keys of two viewers, or of two accounts, never meet. */
export interface OperationKey {
  readonly account: AccountId;
  readonly viewer: string;
  readonly idempotencyKey: string;
}

/** The owner of what nobody is at work on. */
export const nobody = '';

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

/** The steps of an account, each with its operation. */
export function stepsOfOperations(db: Db, account: AccountId) {
  return db
    .selectFrom('operations')
    .innerJoin('operation_steps', (join) =>
      join
        .onRef('operation_steps.account', '=', 'operations.account')
        .onRef('operation_steps.viewer', '=', 'operations.viewer')
        .onRef('operation_steps.idempotency_key', '=', 'operations.idempotency_key'),
    )
    .where('operations.account', '=', account);
}

/** The steps of an account whose judgement later evidence may overturn. */
export function judgedSteps(db: Db, account: AccountId): Promise<OperationStepRow[]> {
  return stepsOfOperations(db, account)
    .selectAll('operation_steps')
    .where('operations.review', '=', 1)
    .where('operation_steps.judged', 'is not', null)
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

/** Takes an operation over as it was read; false where somebody else was faster. */
export async function claimOperation(db: Db, key: OperationKey, known: OperationRow, owner: string): Promise<boolean> {
  const claimed = await db
    .updateTable('operations')
    .set({ status: 'PENDING', owner, error: null, finished_at: null })
    .where('account', '=', key.account)
    .where('viewer', '=', key.viewer)
    .where('idempotency_key', '=', key.idempotencyKey)
    .where('status', '=', known.status)
    .where('owner', '=', known.owner)
    .executeTakeFirst();
  return claimed.numUpdatedRows > 0n;
}

/** What is about to be sent, and never came to an end, is UNKNOWN from now on (epoch milliseconds). True where there was any. */
export async function markLost(trx: Transaction<Tables>, key: OperationKey, at: number): Promise<boolean> {
  await trx
    .updateTable('operation_steps')
    .set({ status: 'UNKNOWN', at })
    .where('account', '=', key.account)
    .where('viewer', '=', key.viewer)
    .where('idempotency_key', '=', key.idempotencyKey)
    .where('status', '=', 'PENDING')
    .execute();
  const lost = (await findSteps(trx, key)).some((step) => step.status === 'UNKNOWN');
  if (lost) await updateOperation(trx, key, { status: 'UNKNOWN' });
  return lost;
}

export function keyOf(row: Pick<OperationRow, 'account' | 'viewer' | 'idempotency_key'>): OperationKey {
  return { account: row.account as AccountId, viewer: row.viewer, idempotencyKey: row.idempotency_key };
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
export async function forgetEnded(trx: Transaction<Tables>, account: AccountId, before: number): Promise<void> {
  const ended = ['SUCCEEDED', 'FAILED'];
  await trx
    .deleteFrom('operation_steps')
    .where('account', '=', account)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('operations')
          .select('mutation')
          .whereRef('operations.account', '=', 'operation_steps.account')
          .whereRef('operations.viewer', '=', 'operation_steps.viewer')
          .whereRef('operations.idempotency_key', '=', 'operation_steps.idempotency_key')
          .where('operations.status', 'in', ended)
          .where('operations.finished_at', '<', before),
      ),
    )
    .execute();
  await trx
    .deleteFrom('operations')
    .where('account', '=', account)
    .where('status', 'in', ended)
    .where('finished_at', '<', before)
    .execute();
}
