import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import type { OperationStepRow } from '../storage/operation-tables.ts';
import type { Tables } from '../storage/tables.ts';
import type { OperationKey } from './store.ts';

/** A listing of DIDfarm's in which a lost call may show. */
export type Source = 'transactions' | 'trunks';

/** A call whose answer was lost. `known` is what its step recorded before it was sent. */
export interface LostCall<Known = unknown> {
  readonly key: OperationKey;
  readonly step: string;
  /** Epoch milliseconds, by the gateway's clock. */
  readonly sentAt: number;
  readonly known: Known;
}

/**
 * What the picture says of a lost call. `happened`: `apply` writes what its answer would have written and gives the step's result.
 * `nothing`: no trace of it. `unclear`: something that may be its trace, or that may be another's.
 */
export type Verdict =
  | { readonly says: 'happened'; readonly apply: () => Promise<unknown> }
  | { readonly says: 'nothing' | 'unclear' };

/** How a kind of call is found out about, from the picture alone. */
export interface Evidence<Known = unknown> {
  /** Read anew until it tells. Where it has none, only events can. */
  readonly source: Source | null;
  judge(trx: Transaction<Tables>, account: Account, call: LostCall<Known>): Promise<Verdict>;
}

/** How far DIDfarm's clock may be from the gateway's, in milliseconds. */
export const clockTolerance = 600_000;

/** The kind of call that a step is: `checkout-2` is another attempt at `checkout`. */
export function kindOf(step: string): string {
  return step.replace(/-\d+$/, '');
}

/** The calls of one kind whose end is not recorded, under way or lost: what may explain a trace. */
export async function openCalls(trx: Transaction<Tables>, account: Account, kind: string): Promise<LostCall[]> {
  const rows = await trx
    .selectFrom('operations')
    .innerJoin('operation_steps', (join) =>
      join
        .onRef('operation_steps.account', '=', 'operations.account')
        .onRef('operation_steps.viewer', '=', 'operations.viewer')
        .onRef('operation_steps.idempotency_key', '=', 'operations.idempotency_key'),
    )
    .selectAll('operation_steps')
    .where('operations.account', '=', account.id)
    .where('operations.status', 'in', ['PENDING', 'UNKNOWN'])
    .where('operation_steps.status', 'in', ['PENDING', 'UNKNOWN'])
    .execute();
  return rows.filter(({ name }) => kindOf(name) === kind).map((row) => lostCall(account, row));
}

export function lostCall(account: Account, row: OperationStepRow): LostCall {
  return {
    key: { account: account.id, viewer: row.viewer, idempotencyKey: row.idempotency_key },
    step: row.name,
    sentAt: row.sent_at ?? row.at,
    known: JSON.parse(row.evidence ?? 'null'),
  };
}
