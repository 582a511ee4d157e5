import { accountId, accountScope } from '../../../src/access/viewer.ts';
import type { Account, Log } from '../../../src/account.ts';
import { createSnapshots } from '../../../src/cache/snapshots.ts';
import { createDidfarmClient, type DidfarmClient } from '../../../src/didfarm/client.ts';
import { createEngine, type Engine, type Mutation, type Settled } from '../../../src/operations/engine.ts';
import { createRun } from '../../../src/operations/run.ts';
import { findOperation, findSteps, type OperationKey } from '../../../src/operations/store.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../../src/sandbox/sandbox.ts';
import type { Storage } from '../../../src/storage/database.ts';
import type { OperationRow, OperationStepRow } from '../../../src/storage/operation-tables.ts';
import { attribute } from '../../../src/wallet/attribution.ts';
import { createFakeClock, type FakeClock } from '../../support/clock.ts';

/** A gateway's engine at work: one run of the process. */
export interface Process {
  readonly account: Account;
  readonly engine: Engine;
  /** How often the outcome of a call was lost. */
  lost(): number;
  send<Input, Result, Secret>(
    mutation: Mutation<Input, Result, Secret>,
    idempotencyKey: string | null,
    input: Input,
    viewer?: string,
  ): Promise<Settled<Result, Secret>>;
}

/** Processes of a gateway before one sandbox, on one clock. */
export interface Acting extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly clock: FakeClock;
  readonly warnings: string[];
  /** A run of the process on this storage: a second one is a restart, or another process beside it. */
  start(storage: Storage, account?: string): Process;
  /** How often DIDfarm was asked to do this, such as `POST /wallet/checkout`. */
  calls(route: string): number;
}

export async function startActing(options: SandboxOptions = {}): Promise<Acting> {
  const clock = createFakeClock();
  const sandbox = createSandbox({ clock, trunks: 3, numbers: 6, transactions: 20, rateLimit: null, ...options });
  await sandbox.listen();
  const warnings: string[] = [];
  const clients: DidfarmClient[] = [];
  const say = (_fields: object, message: string) => void warnings.push(message);
  const log: Log = { debug() {}, info() {}, warn: say, error: say };

  return {
    sandbox,
    clock,
    warnings,
    start(storage, name = 'main') {
      const didfarm = createDidfarmClient({
        baseUrl: sandbox.apiUrl,
        regulatoryUrl: sandbox.regulatoryUrl,
        apiKey: sandbox.apiKey,
        rateLimit: 100_000,
        clock,
        random: () => 0.5,
      });
      clients.push(didfarm);
      const snapshots = createSnapshots({ storage, clock, log, budget: () => didfarm.state().budget });
      const wake = () => undefined;
      const account: Account = { id: accountId(name), storage, didfarm, snapshots, clock, log, attribute, wake };
      let lost = 0;
      const engine = createEngine(account, createRun(account), {
        lost: () => {
          lost += 1;
        },
      });
      return {
        account,
        engine,
        lost: () => lost,
        send: (mutation, idempotencyKey, input, viewer = 'anna') =>
          clock.through(
            engine.perform(mutation, {
              viewer,
              scope: accountScope(account.id),
              idempotencyKey,
              input,
              onSent: () => undefined,
            }),
          ),
      };
    },
    calls: (route) => sandbox.control.calls().routes[route] ?? 0,
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await sandbox.close();
    },
  };
}

export function keyOfSending(idempotencyKey: string, viewer = 'anna', account = 'main'): OperationKey {
  return { account: accountId(account), viewer, idempotencyKey };
}

/** An operation as it is recorded, with its steps. */
export async function recordOf(
  storage: Storage,
  key: OperationKey,
): Promise<(OperationRow & { readonly steps: OperationStepRow[] }) | undefined> {
  const operation = await findOperation(storage.db, key);
  return operation && { ...operation, steps: await findSteps(storage.db, key) };
}

/** Makes a trunk of this name, as simply as a mutation can: a second sending shows as a second trunk. */
export const makeTrunk: Mutation<{ readonly name: string }, { readonly uuid: string }, string> = {
  name: 'makeTrunk',
  async run(operation, { name }) {
    const { result, answer } = await operation.step({
      name: 'make',
      evidence: async () => ({ name }),
      send: (call) => operation.account.didfarm.createTrunk({ name, authType: 'digest' }, call),
      apply: async (_trx, made) => ({ uuid: made.uuid ?? '' }),
    });
    return { result, secret: answer?.password ?? null };
  },
};
