import type { AccountId } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import { createSnapshots } from '../cache/snapshots.ts';
import type { Cancel, Clock } from '../clock.ts';
import type { Config, Upstream } from '../config.ts';
import { createDidfarmClient, type DidfarmClientOptions } from '../didfarm/client.ts';
import type { Bus } from '../events/bus.ts';
import { startHeartbeat } from '../events/heartbeat.ts';
import { startTrimming } from '../events/retention.ts';
import { openLedger } from '../gateway/ledger.ts';
import { settling } from '../mutations/evidence.ts';
import { createEngine, type Engine } from '../operations/engine.ts';
import { createReconciler, type Reconciler } from '../operations/reconcile.ts';
import { startForgetting } from '../operations/retention.ts';
import { createRun } from '../operations/run.ts';
import type { Logger } from '../server/log.ts';
import type { Storage } from '../storage/database.ts';
import { expireTrunks, refreshTrunks } from '../trunks/refresh.ts';
import { attribute } from '../wallet/attribution.ts';
import { startBacklog } from '../wallet/backlog.ts';
import { createIntake, type Intake } from '../webhooks/intake.ts';

const day = 86_400_000;

/** How long the first listing of trunks may take, in milliseconds. */
const startAllowance = 30_000;

/** What every account of a gateway shares. */
export interface Shared {
  readonly config: Pick<Config, 'idempotencyKeyDays' | 'eventLogDays' | 'eventLogCount'>;
  readonly storage: Storage;
  readonly bus: Bus;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
}

/** An account of DIDfarm's with everything that works on it. */
export interface RunningAccount {
  readonly account: Account;
  readonly engine: Engine;
  readonly intake: Intake;
  /** Requests a minute, as configured: what DIDfarm says at the moment is no measure of what viewers may have of it. */
  readonly rateLimit: number;
  /** Begins to find out what became of lost calls of before, and to forget what is of long ago. `start` does it by itself. */
  resume(): void;
  /** Begins what goes on behind the answers: one listing of trunks, the backlog of transactions, the heartbeat. */
  start(): void;
  /** Nothing is being refreshed or found out in the background any more. */
  settled(): Promise<void>;
  /** Lets what runs finish. */
  close(): Promise<void>;
}

interface AccountParts extends Shared {
  readonly id: AccountId;
  readonly upstream: Upstream;
  /** In place of the upstream's key: what a caller's own calls show. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** DIDfarm does not take that any more. */
  readonly onRefused?: DidfarmClientOptions['onRefused'];
}

/** Composes what one account needs. */
export async function openAccount(parts: AccountParts): Promise<RunningAccount> {
  const { id, config, storage, bus, clock, random, log } = parts;
  const ledger = await openLedger(storage, id, { clock, log });
  const { upstream, headers, onRefused } = parts;
  const didfarm = createDidfarmClient({ ...upstream, headers, onRefused, clock, random, log, ledger });
  const onRefreshed = (resource: string) => {
    if (resource === 'transactions' || resource === 'trunks') reconciler.wake();
  };
  const snapshots = createSnapshots({ storage, clock, log, onRefreshed, budget: () => didfarm.state().budget });
  const account: Account = {
    id,
    storage,
    didfarm,
    snapshots,
    clock,
    log,
    attribute,
    wake: () => bus.wake(id),
    keysKeptFor: config.idempotencyKeyDays * day,
    imported: (numbers) => reconciler.wake(numbers),
  };
  const engine = createEngine(account, createRun(account), { lost: () => reconciler.wake(), settling });
  const reconciler: Reconciler = createReconciler(account, engine, settling);
  const intake = createIntake({ account, bus: wakingToo(bus, reconciler) });
  let stops: (() => Promise<void>)[] | null = null;
  let stopForgetting: Cancel | null = null;
  let stopTrimming: (() => Promise<void>) | null = null;
  const keeper = { account: id, storage, clock, log };
  const resume = () => {
    stopForgetting ??= startForgetting(account, config.idempotencyKeyDays);
    stopTrimming ??= startTrimming(keeper, { days: config.eventLogDays, count: config.eventLogCount });
    reconciler.wake();
  };

  return {
    account,
    engine,
    intake,
    rateLimit: parts.upstream.rateLimit,
    resume,
    start() {
      if (stops !== null) return;
      const backlog = startBacklog(account);
      stops = [startHeartbeat({ ...keeper, wake: account.wake }), () => backlog.stop()];
      resume();
      // What changed while the gateway was down: until it is known nobody is told what was known before, however fresh it seems. A
      // failure shows in `gateway.sync`, and the next reader asks again.
      expireTrunks(account)
        .then(() => refreshTrunks(account, { deadline: clock.now() + startAllowance }))
        .catch(() => undefined);
    },
    async settled() {
      await reconciler.settled();
      await snapshots.settled();
    },
    async close() {
      await intake.settled();
      stopForgetting?.();
      await stopTrimming?.();
      await Promise.all((stops ?? []).map((stop) => stop()));
      await engine.idle();
      await reconciler.stop();
      await didfarm.close();
      await ledger.close();
      await snapshots.settled();
    },
  };
}

/** What an event tells may be what became of a lost call. */
function wakingToo(bus: Bus, reconciler: Reconciler): Bus {
  return {
    ...bus,
    wake(account) {
      bus.wake(account);
      reconciler.wake();
    },
  };
}
