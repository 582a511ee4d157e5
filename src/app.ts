import { randomBytes } from 'node:crypto';
import { mayRead } from './access/abilities.ts';
import { accountId, localAdmin, scopeOf, type Viewer } from './access/viewer.ts';
import type { Account } from './account.ts';
import { createSnapshots } from './cache/snapshots.ts';
import { type Cancel, type Clock, systemClock } from './clock.ts';
import type { Config, Upstream } from './config.ts';
import { createDidfarmClient } from './didfarm/client.ts';
import type { Ledger } from './didfarm/spent-window.ts';
import { type Bus, createBus } from './events/bus.ts';
import { startHeartbeat } from './events/heartbeat.ts';
import { startTrimming } from './events/retention.ts';
import { openLedger } from './gateway/ledger.ts';
import { createReadiness } from './gateway/readiness.ts';
import { refuseOtherAccount } from './gateway/same-account.ts';
import type { Context } from './graph/context.ts';
import { createCursors } from './graph/cursors.ts';
import { fromUpstream } from './graph/failures.ts';
import { ownPlace } from './graph/place.ts';
import { createUpstreamUse } from './graph/upstream-use.ts';
import { settling } from './mutations/evidence.ts';
import { type ImportFormat, type ImportReport, importNumbers } from './numbers/import.ts';
import { createEngine } from './operations/engine.ts';
import { createReconciler, type Reconciler } from './operations/reconcile.ts';
import { startForgetting } from './operations/retention.ts';
import { createRun } from './operations/run.ts';
import { schema } from './schema.ts';
import type { Logger } from './server/log.ts';
import { createServer, type GatewayServer } from './server/server.ts';
import type { LiveOptions } from './server/subscriptions/live-options.ts';
import { openStorage, type Storage } from './storage/database.ts';
import { readOrCreateSetting } from './storage/settings.ts';
import { expireTrunks, refreshTrunks } from './trunks/refresh.ts';
import { version } from './version.ts';
import { attribute } from './wallet/attribution.ts';
import { type Backlog, startBacklog } from './wallet/backlog.ts';
import { createIntake } from './webhooks/intake.ts';
import { eventCursor, seqOfCursor } from './webhooks/listing.ts';
import { createWebhookRoute } from './webhooks/receive.ts';

/** How long an operation may wait for DIDfarm, in milliseconds. */
const operationDeadline = 10_000;

/** How long the first listing of trunks may take, in milliseconds. */
const startAllowance = 30_000;

/** What comes from outside the process and that tests own. */
export interface Parts {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Who asks. Default: whoever sits at this machine, who may do everything. */
  readonly identify: (request: Request) => Viewer;
}

/** The gateway, composed. */
export interface App {
  /** The front door: answers in process what `listen` would answer over HTTP. */
  fetch(request: Request): Promise<Response>;
  /** Listens, and begins what goes on behind the answers. */
  listen(): Promise<{ readonly url: string }>;
  /** Begins what goes on behind the answers: one listing of trunks, the backlog of transactions. `listen` does it by itself. */
  start(): void;
  /** Stops accepting, lets what runs finish, closes the storage. */
  close(): Promise<void>;
  /** Loads numbers from the portal's list. @throws ImportError where the file cannot be read. */
  importNumbers(text: string, format: ImportFormat): Promise<ImportReport>;
  /** Nothing is being refreshed in the background any more. */
  settled(): Promise<void>;
  readonly storage: Storage;
}

export type AppConfig = Config & { readonly upstream: Upstream };

/** Composes the gateway: the one place where things are constructed. @throws StorageError where the database cannot be used. */
export async function createApp(config: AppConfig, parts: Pick<Parts, 'log'> & Partial<Parts>): Promise<App> {
  const { clock = systemClock, random = Math.random, log, identify } = parts;
  const storage = await openStorage(config.databaseUrl);
  const ledger = await openLedger(storage, config.account, { clock, log });
  const bus = createBus();
  const account = composeAccount(config, storage, ledger, { clock, random, log }, bus, () => reconciler.wake());
  const engine = createEngine(account, createRun(account), () => reconciler.wake());
  const reconciler = createReconciler(account, engine, settling);
  const intake = createIntake({ account, bus: wakingToo(bus, reconciler) });
  const secret = await readOrCreateSetting(storage, 'secret', () => randomBytes(32).toString('base64'));
  await refuseOtherAccount(account, config.upstream.apiKey, secret).catch(async (error: unknown) => {
    await account.didfarm.close();
    await storage.close();
    throw error;
  });
  const cursors = createCursors(secret);
  const server: GatewayServer = createServer<Context>({
    schema,
    config,
    log,
    clock,
    createContext: (request, requestId) => ({
      account,
      bus,
      engine,
      cursors,
      requestId,
      ...whoAsks(identify?.(request) ?? localAdmin(account.id)),
      use: createUpstreamUse(clock.now() + operationDeadline, request.signal),
      place: ownPlace(),
      gateway: { version, subscribers: () => server.subscribers() },
    }),
    extensions: (context) => ({ upstream: spent(context) }),
    toGraphQLError: fromUpstream,
    live: liveOptions(config, { clock, random }),
    gauges: [
      {
        name: 'gateway_upstream_remaining',
        help: 'Requests left of the ration.',
        read: () => account.didfarm.state().budget.remaining,
      },
      {
        name: 'gateway_upstream_queued',
        help: 'Calls waiting for their turn.',
        read: () => account.didfarm.state().budget.queued,
      },
      { name: 'gateway_subscribers', help: 'Live subscriptions.', read: () => server.subscribers() },
      { name: 'gateway_webhooks', help: 'Webhooks committed.', read: () => intake.stats().deliveries },
      { name: 'gateway_webhook_commits', help: 'Commits that they shared.', read: () => intake.stats().commits },
    ],
    routes: [
      {
        path: '/webhooks/didfarm',
        methods: ['POST'],
        handle: createWebhookRoute({ account, secrets: config.webhookSecrets, intake }),
      },
    ],
    ready: createReadiness(account),
  });
  let backlog: Backlog | null = null;
  let stopForgetting: Cancel = () => undefined;
  let stopKeeping: (() => Promise<void>)[] = [];
  const start = () => {
    if (backlog !== null) return;
    backlog = startBacklog(account);
    stopForgetting = startForgetting(account, config.idempotencyKeyDays);
    const keeper = { account: account.id, storage, clock, log };
    stopKeeping = [
      startHeartbeat(keeper),
      startTrimming(keeper, { days: config.eventLogDays, count: config.eventLogCount }),
    ];
    reconciler.wake();
    // What changed while the gateway was down: until it is known nobody is told what was known before, however fresh it seems. A
    // failure shows in `gateway.sync`, and the next reader asks again.
    expireTrunks(account)
      .then(() => refreshTrunks(account, { deadline: clock.now() + startAllowance }))
      .catch(() => undefined);
  };
  return {
    fetch: (request) => server.fetch(request),
    async listen() {
      const address = await server.listen();
      start();
      return address;
    },
    start,
    async close() {
      await server.close();
      await intake.settled();
      stopForgetting();
      await Promise.all(stopKeeping.map((stop) => stop()));
      await backlog?.stop();
      await engine.idle();
      await reconciler.stop();
      await account.didfarm.close();
      await ledger.close();
      await account.snapshots.settled();
      await storage.close();
    },
    importNumbers: (text, format) => importNumbers(account, text, format),
    async settled() {
      await reconciler.settled();
      await account.snapshots.settled();
    },
    storage,
  };
}

/** @param refreshed called when a listing has brought something. */
function composeAccount(
  config: AppConfig,
  storage: Storage,
  ledger: Ledger,
  { clock, random, log }: Omit<Parts, 'identify'>,
  bus: Bus,
  refreshed: () => void,
): Account {
  const didfarm = createDidfarmClient({ ...config.upstream, clock, random, log, ledger });
  const onRefreshed = (resource: string) => {
    if (resource === 'transactions' || resource === 'trunks') refreshed();
  };
  const snapshots = createSnapshots({ storage, clock, log, onRefreshed, budget: () => didfarm.state().budget });
  const id = accountId(config.account);
  return { id, storage, didfarm, snapshots, clock, log, attribute, wake: () => bus.wake(id) };
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

/** Who asks, and what they may see. */
function whoAsks(viewer: Viewer): Pick<Context, 'viewer' | 'scope'> {
  return { viewer, scope: scopeOf(viewer) };
}

/** How subscriptions are shared, resumed and limited. */
function liveOptions(config: AppConfig, { clock, random }: Pick<Parts, 'clock' | 'random'>): LiveOptions<Context> {
  return {
    // The role as well: what a viewer may see of the same things could come to depend on it.
    audience: ({ scope, viewer }) => JSON.stringify([scope.account, scope.client, viewer.role]),
    viewer: ({ viewer }) => JSON.stringify([viewer.account, viewer.name]),
    fork: ({ account, viewer, scope, cursors, use, bus, engine, gateway, requestId }, place, signal) => ({
      ...{ account, viewer, scope, cursors, bus, engine, gateway, requestId, place },
      use: createUpstreamUse(clock.now() + operationDeadline, signal ?? use.signal),
    }),
    cursor: eventCursor,
    seqOf: (context, cursor) => seqOfCursor(context, cursor, 'Last-Event-ID'),
    // Who is at this machine stays let in.
    admission: () => stayed,
    limits: config.subscriptions,
    random,
  };
}

const stayed = () => true;

/** `extensions.upstream`: what the operation cost, what is left, and what was older than it should be. A client's viewer is told the last alone. */
function spent({ account, viewer, use }: Context): Record<string, unknown> {
  if (!mayRead(viewer, 'gateway')) return { stale: use.stale() };
  const { remaining, resetsAt } = account.didfarm.state().budget;
  return {
    calls: use.calls(),
    remaining,
    resetsAt: resetsAt === null ? null : new Date(resetsAt).toISOString(),
    stale: use.stale(),
  };
}
