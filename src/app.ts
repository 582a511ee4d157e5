import { randomBytes } from 'node:crypto';
import { mayDo, mayRead } from './access/abilities.ts';
import { type Access, openAccess } from './access/access.ts';
import { credentialsOf, type Identity } from './access/credentials.ts';
import { type AccountId, accountId, scopeOf, type Viewer, viewerKey } from './access/viewer.ts';
import { type Clock, systemClock } from './clock.ts';
import { audienceOf, type KeptAnswers, keptAnswers } from './composition/answers.ts';
import { createCallerAccounts } from './composition/caller-accounts.ts';
import { gaugesOf } from './composition/gauges.ts';
import { liveOptions, operationDeadline } from './composition/live.ts';
import { openAccount, type RunningAccount, type Shared } from './composition/running-account.ts';
import type { AccountConfig, Config, Upstream } from './config.ts';
import { createBus } from './events/bus.ts';
import { createReadiness } from './gateway/readiness.ts';
import { refuseOtherAccount } from './gateway/same-account.ts';
import { spent } from './gateway/spent.ts';
import { type Context, partOf } from './graph/context.ts';
import { createCursors } from './graph/cursors.ts';
import { toGraphQLError, toldTo } from './graph/failures.ts';
import { ownPlace } from './graph/place.ts';
import { upstreamNeed } from './graph/upstream-need.ts';
import { createUpstreamUse, spenderOf } from './graph/upstream-use.ts';
import { type ImportFormat, type ImportReport, importNumbers } from './numbers/import.ts';
import { schema } from './schema.ts';
import type { Logger } from './server/log.ts';
import { isPassedOn } from './server/loopback.ts';
import { readPersistedFile } from './server/persisted/file.ts';
import { createServer, type GatewayServer, type ServerOptions } from './server/server.ts';
import type { Sight } from './server/sight.ts';
import { openStorage, type Storage } from './storage/database.ts';
import { readOrCreateSetting } from './storage/settings.ts';
import { version } from './version.ts';
import { webhookRoutes } from './webhooks/routes.ts';

/** What comes from outside the process and that tests own. */
export interface Parts {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Who asks, in place of the access that is configured. */
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
  /** Loads numbers from the portal's list into an account; default: the first. @throws ImportError where the file cannot be read. */
  importNumbers(text: string, format: ImportFormat, account?: string): Promise<ImportReport>;
  /** Nothing is being refreshed in the background any more. */
  settled(): Promise<void>;
  readonly storage: Storage;
}

export type AppConfig = Config & { readonly upstream: Upstream };

/** Composes the gateway: the one place where things are constructed. @throws StorageError where the database cannot be used. */
export async function createApp(config: AppConfig, parts: Pick<Parts, 'log'> & Partial<Parts>): Promise<App> {
  const { clock = systemClock, random = Math.random, log } = parts;
  const kept = keptAnswers(config, clock);
  const storage = await openStorage(config.databaseUrl, kept ? { observe: kept.observe } : {});
  const opened: { close(): Promise<void> }[] = [storage];
  const bus = createBus();
  const shared: Shared = { config, storage, bus, clock, random, log };
  try {
    const secret = await readOrCreateSetting(storage, 'secret', () => randomBytes(32).toString('base64'));
    const accounts = new Map<AccountId, RunningAccount>();
    for (const { name, upstream } of accountsOf(config)) {
      const running = await openAccount({ ...shared, id: accountId(name), upstream });
      opened.push(running);
      accounts.set(running.account.id, running);
      await refuseOtherAccount(running.account, upstream.apiKey, secret);
    }
    const callers = createCallerAccounts(shared, config.upstream, (identity) => access.refused(identity));
    opened.push(callers);
    const access = await openAccess({
      settings: config.access,
      accounts: [accountId(config.account), ...[...accounts.keys()].filter((id) => id !== config.account)],
      secret,
      prove: callers.prove,
      clock,
      log,
    });
    opened.push({ close: async () => access.close() });
    const documents = config.persisted && (await readPersistedFile(config.persisted.file, schema));
    const persisted = config.persisted && documents && { documents, only: config.persisted.only };
    const { identify } = parts;
    return compose(config, { ...shared, secret, accounts, callers, access, persisted, kept, opened, identify });
  } catch (error) {
    for (const each of opened.toReversed()) await each.close();
    throw error;
  }
}

interface Composition extends Shared {
  readonly secret: string;
  readonly accounts: ReadonlyMap<AccountId, RunningAccount>;
  readonly callers: ReturnType<typeof createCallerAccounts>;
  readonly access: Access;
  readonly persisted: ServerOptions<Context>['persisted'] | null;
  readonly kept: KeptAnswers | null;
  /** What is to be closed, the last one first. */
  readonly opened: readonly { close(): Promise<void> }[];
  readonly identify: ((request: Request) => Viewer) | undefined;
}

function compose(config: AppConfig, parts: Composition): App {
  const { storage, bus, clock, random, log, secret, accounts, callers, access, persisted, kept, opened } = parts;
  const cursors = createCursors(secret);
  const identities = new WeakMap<Viewer, Identity>();
  const asked = new WeakMap<Request, Promise<Identity>>();
  const identify = (request: Request): Promise<Identity> => {
    const identity = asked.get(request) ?? find(request);
    asked.set(request, identity);
    return identity;
  };
  const find = async (request: Request): Promise<Identity> => {
    if (parts.identify) return { viewer: parts.identify(request), expiresAt: null, caller: null };
    const identity = await access.identify(
      credentialsOf((name) => request.headers.get(name), !isPassedOn((name) => request.headers.has(name))),
    );
    identities.set(identity.viewer, identity);
    return identity;
  };
  const sightOf = async (request: Request, fromLoopback: boolean): Promise<Sight> => {
    if (fromLoopback) return 'all';
    const identity = access.configured ? await identify(request).catch(() => null) : null;
    // A caller with a key of their own sees their account, and nothing of whoever runs the gateway.
    if (identity === null || identity.caller !== null || !mayRead(identity.viewer, 'gateway')) return 'nothing';
    return accounts.size > 1 ? { account: identity.viewer.account } : 'all';
  };
  const runningOf = async (identity: Identity): Promise<RunningAccount> => {
    if (identity.caller !== null) return callers.of(identity, identity.caller);
    const running = accounts.get(identity.viewer.account);
    if (running === undefined) throw new Error(`A viewer of an account that is none: ${identity.viewer.account}`);
    return running;
  };
  const server: GatewayServer = createServer<Context>({
    schema,
    config: { ...config, origins: config.access.origins, cookies: config.access.callerCredentials === 'cookie' },
    log,
    clock,
    authenticate: async (request) => viewerKey((await identify(request)).viewer),
    mayUpload: async (request) => mayDo((await identify(request)).viewer, 'submitRegulatory'),
    sightOf,
    persisted,
    async createContext(request, requestId) {
      const identity = await identify(request);
      const { account, engine, rateLimit } = await runningOf(identity);
      const { viewer } = identity;
      const spender = spenderOf(viewer, rateLimit);
      return {
        ...{ account, engine, bus, cursors, requestId, viewer, scope: scopeOf(viewer), place: ownPlace() },
        use: createUpstreamUse(clock.now() + operationDeadline, request.signal, spender),
        gateway: { version, subscribers: () => server.subscribers(viewer.account) },
      };
    },
    upstream: { need: upstreamNeed, allowed: ({ use }) => use.spender?.perMinute ?? Number.POSITIVE_INFINITY },
    extensions: (context) => ({ upstream: spent(context) }),
    toGraphQLError,
    told: (error, { viewer }) => toldTo(viewer, error),
    live: liveOptions(config, {
      clock,
      random,
      admission({ viewer }) {
        const identity = identities.get(viewer);
        if (identity === undefined) return () => true;
        return () => {
          callers.touch(viewer.account);
          return access.holds(identity);
        };
      },
    }),
    answers: kept && {
      ...kept,
      audience: async (request) => audienceOf((await identify(request)).viewer),
      audienceOf: ({ viewer }) => audienceOf(viewer),
      partOf,
    },
    gaugesOf: gaugesOf([...accounts.values()], (account) => server.subscribers(account), kept?.gauges ?? []),
    routes: webhookRoutes(
      accountsOf(config).flatMap(({ name, webhookSecrets: secrets }) => {
        const running = accounts.get(accountId(name));
        return running ? [{ account: running.account, intake: running.intake, secrets }] : [];
      }),
      config.accounts.length > 0,
    ),
    ready: createReadiness([...accounts.values()].map(({ account }) => account)),
  });
  access.onChange(() => server.recheck());
  const start = () => {
    for (const running of accounts.values()) running.start();
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
      for (const each of opened.toReversed()) await each.close();
    },
    async importNumbers(text, format, name = config.account) {
      const running = accounts.get(accountId(name));
      if (running === undefined) throw new Error(`There is no account ${name}`);
      return importNumbers(running.account, text, format);
    },
    async settled() {
      for (const running of accounts.values()) await running.settled();
      await callers.settled();
    },
    storage,
  };
}

/** Without ACCOUNTS_FILE there is one account. */
function accountsOf({ accounts, account: name, upstream, webhookSecrets }: AppConfig): readonly AccountConfig[] {
  return accounts.length > 0 ? accounts : [{ name, upstream, webhookSecrets }];
}
