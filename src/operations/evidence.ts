import type { Transaction } from 'kysely';
import type { Account } from '../account.ts';
import type { OperationStepRow } from '../storage/operation-tables.ts';
import type { Tables } from '../storage/tables.ts';
import { kindOf } from './attempts.ts';
import { type OperationKey, stepsOfOperations } from './store.ts';

/** A listing of DIDfarm's in which a lost call may show. */
export type Source = 'transactions' | 'trunks';

/** A call whose answer was lost. `known` is what its step recorded before it was sent. */
export interface LostCall<Known = unknown> {
  readonly key: OperationKey;
  readonly step: string;
  /** Epoch milliseconds, by the gateway's clock. */
  readonly sentAt: number;
  readonly known: Known;
  /** So many looks have shown nothing of it, the last of them in a listing of that moment (epoch milliseconds). */
  readonly looks: number;
  readonly lookedAt: number | null;
}

/** It was done: `apply` writes what its answer would have written and gives the step's result. */
export interface Happened {
  readonly says: 'happened';
  readonly apply: () => Promise<unknown>;
  /** False: another's trace may look the same, so that what is heard later may correct it. */
  readonly certain: boolean;
  /** What it was concluded from, in sentences for a person. */
  readonly findings: readonly string[];
}

/**
 * What the picture says of a lost call. `nothing`: there is no trace of it, and there would be. `untraced`: no trace, but not all that
 * would tell could be read, or it does not agree. `unclear`: something that may be its trace, or that may be another's.
 */
export type Verdict =
  | Happened
  | { readonly says: 'nothing' | 'untraced' | 'unclear'; readonly findings: readonly string[] };

/** What became of a judgement that was not certain. `doubtful`: what it was taken from is another's; `undo` takes it out of the picture. */
export type Review =
  | { readonly says: 'stands'; readonly findings?: readonly string[] }
  | Happened
  | { readonly says: 'doubtful'; readonly undo: () => Promise<void>; readonly findings: readonly string[] };

/** How a kind of call is found out about, from the picture alone. */
export interface Evidence<Known = unknown> {
  /** Read anew until it tells. Where it has none, only events can. */
  readonly source: Source | null;
  /** In a `review` of what was judged as not done only a trace counts: that there is none needs no proof again, such as the wallet's. */
  judge(trx: Transaction<Tables>, account: Account, call: LostCall<Known>, review?: 'review'): Promise<Verdict>;
  /** Whether what it was taken to have given still holds. Needed where `judge` may say that it happened without being certain. */
  review?(trx: Transaction<Tables>, account: Account, call: LostCall<Known>, result: unknown): Promise<Review>;
}

/** How far DIDfarm's clock may be from the gateway's, in milliseconds. */
export const clockTolerance = 600_000;

/** Calls that were sent so close to one another may have left each other's traces. Milliseconds. */
const sameTime = 2 * clockTolerance;

/**
 * The calls of one kind that may explain a trace of a call: under way or lost, and those of the same time that were judged as not done.
 * The call itself is among them.
 */
export async function openCalls(
  trx: Transaction<Tables>,
  account: Account,
  kind: string,
  { sentAt }: Pick<LostCall, 'sentAt'>,
): Promise<LostCall[]> {
  const rows = await stepsOfOperations(trx, account.id)
    .selectAll('operation_steps')
    .where((eb) => eb.or([eb('operations.status', 'in', ['PENDING', 'UNKNOWN']), eb('operations.review', '=', 1)]))
    .where((eb) =>
      eb.or([
        eb('operation_steps.status', 'in', ['PENDING', 'UNKNOWN']),
        eb('operation_steps.judged', '=', 'not-done'),
      ]),
    )
    .execute();
  return rows
    .filter(({ name }) => kindOf(name) === kind)
    .map((row) => ({ row, call: lostCall(account, row) }))
    .filter(({ row, call }) => row.judged === null || Math.abs(call.sentAt - sentAt) < sameTime)
    .map(({ call }) => call);
}

/** What other calls of a kind gave that were answered, or settled, since a call was about to be sent; each with when it was sent. */
export async function resultsSince<Result>(
  trx: Transaction<Tables>,
  account: Account,
  kind: string,
  call: Pick<LostCall, 'key' | 'step' | 'sentAt'>,
): Promise<{ readonly result: Result; readonly sentAt: number }[]> {
  const rows = await trx
    .selectFrom('operation_steps')
    .selectAll()
    .where('account', '=', account.id)
    .where('name', 'like', `${kind}%`)
    .where('status', '=', 'SUCCEEDED')
    .where('at', '>=', call.sentAt)
    .execute();
  return rows
    .filter((row) => kindOf(row.name) === kind && !isSame(lostCall(account, row), call))
    .map((row) => ({ result: JSON.parse(row.result ?? 'null') as Result, sentAt: row.sent_at ?? row.at }));
}

export function isSame(one: Pick<LostCall, 'key' | 'step'>, other: Pick<LostCall, 'key' | 'step'>): boolean {
  const name = ({ key, step }: Pick<LostCall, 'key' | 'step'>) =>
    JSON.stringify([key.viewer, key.idempotencyKey, step]);
  return name(one) === name(other);
}

export function lostCall(account: Account, row: OperationStepRow): LostCall {
  return {
    key: { account: account.id, viewer: row.viewer, idempotencyKey: row.idempotency_key },
    step: row.name,
    sentAt: row.sent_at ?? row.at,
    known: JSON.parse(row.evidence ?? 'null'),
    looks: row.looks,
    lookedAt: row.looked_at,
  };
}
