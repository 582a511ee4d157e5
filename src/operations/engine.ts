import { randomUUID } from 'node:crypto';
import type { Account } from '../account.ts';
import { invalid } from './failure.ts';
import type { AnyMutation, AnySettled, Engine, Sending } from './mutation.ts';
import { review } from './review.ts';
import type { Run } from './run.ts';
import type { Settling } from './settle.ts';
import { fingerprintOf, insertOperation, keyOf, markLost, type OperationKey, operationsIn } from './store.ts';
import { fromRecord } from './take-over.ts';
import { work } from './work.ts';

export type { Engine, Mutation, Settled } from './mutation.ts';

const longestKey = 255;

export interface EngineOptions {
  /** Called when the outcome of a call is unknown, after that is recorded. */
  readonly lost?: () => void;
  /** How it is judged, before a call is attempted again, whether an earlier attempt was done after all. */
  readonly settling?: Settling;
}

/** The engine of one account. */
export function createEngine(
  account: Account,
  run: Run,
  { lost = () => undefined, settling = { evidence: {}, resumable: [] } }: EngineOptions = {},
): Engine {
  const { storage, clock } = account;
  const running = new Map<string, { readonly fingerprint: string; readonly settled: Promise<AnySettled> }>();

  const perform = async (
    mutation: AnyMutation,
    key: OperationKey,
    fingerprint: string,
    { scope, input, onSent, spender }: Sending<never>,
  ): Promise<AnySettled> => {
    const made = await insertOperation(storage.db, key, {
      mutation: mutation.name,
      fingerprint,
      input: JSON.stringify(mutation.kept?.(input) ?? input),
      status: 'PENDING',
      started_at: clock.now(),
      finished_at: null,
      result: null,
      error: null,
      owner: run.id,
      findings: null,
      review: 0,
    });
    const ended = made ? null : await fromRecord(account, run, { mutation, key, fingerprint });
    if (ended?.status === 'SUCCEEDED') await mutation.repeated?.(account, input, ended.result as never);
    const reconsider = () => review(account, settling, key);
    const settled =
      ended ?? (await work(account, mutation, { key, scope, owner: run.id, input, onSent, spender, reconsider }));
    if (settled.status === 'UNKNOWN') lost();
    return settled;
  };

  /** One after the other a key; those with the same input that arrive while it is at work are answered by that work. */
  const inTurn = async (name: string, fingerprint: string, begin: () => Promise<AnySettled>): Promise<AnySettled> => {
    for (let other = running.get(name); other !== undefined; other = running.get(name)) {
      if (other.fingerprint === fingerprint) return withoutSecret(await other.settled);
      await other.settled.catch(() => undefined);
    }
    const settled = run.during(begin).finally(() => running.delete(name));
    running.set(name, { fingerprint, settled });
    return settled;
  };

  return {
    async perform(mutation, sending) {
      const idempotencyKey = sending.idempotencyKey ?? randomUUID();
      const key = { account: account.id, viewer: sending.viewer, idempotencyKey };
      if (!isUsable(idempotencyKey)) return { status: 'FAILED', key, failure: unusableKey };
      const fingerprint = fingerprintOf(mutation.name, sending.input);
      const begin = () => perform(mutation as never, key, fingerprint, sending as never);
      return (await inTurn(nameOf(key), fingerprint, begin)) as never;
    },
    async recover() {
      let others = false;
      for (const row of await operationsIn(storage.db, account.id, 'PENDING')) {
        const key = keyOf(row);
        if (running.has(nameOf(key))) continue;
        if (row.owner !== run.id && (await run.lives(row.owner))) others = true;
        else
          await storage.transaction(async (trx) => {
            if (!running.has(nameOf(key))) await markLost(trx, key, clock.now());
          });
      }
      return others;
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled([...running.values()].map(({ settled }) => settled));
    },
  };
}

const nameOf = (key: OperationKey) => JSON.stringify([key.viewer, key.idempotencyKey]);

/** PostgreSQL holds no NUL, and half of a surrogate pair would be stored as the same character as any other half. */
function isUsable(key: string): boolean {
  return key.length > 0 && key.length <= longestKey && !key.includes('\0') && key.isWellFormed();
}

function withoutSecret(settled: AnySettled): AnySettled {
  return settled.status === 'SUCCEEDED' ? { ...settled, secret: null } : settled;
}

const unusableKey = invalid([
  { path: 'idempotencyKey', message: `A key has 1 to ${longestKey} characters, such as a UUID.` },
]).failure;
