import type { Account } from '../../src/account.ts';
import { createSnapshots } from '../../src/cache/snapshots.ts';
import { createDidfarmClient, type DidfarmClient } from '../../src/didfarm/client.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import type { Storage } from '../../src/storage/database.ts';
import { attribute } from '../../src/wallet/attribution.ts';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { acme } from './picture.ts';

/** An account before a sandbox over HTTP, on one clock. */
export interface Upstream {
  readonly clock: FakeClock;
  readonly sandbox: Sandbox;
  /** What runs between two pages: rows arrive, a fault begins. */
  beforePage: (page: number) => void;
  /** The account as a gateway that has just started on this storage has it. */
  start(storage: Storage): Account;
  /** Numbers of the pages of transactions that were asked for since the last time this was called. */
  pagesAsked(): number[];
  /** Whether the mirror holds what DIDfarm has, each transaction once. */
  differences(storage: Storage): Promise<{ missing: string[]; surplus: string[] }>;
  readonly warnings: string[];
  close(): Promise<void>;
}

export async function startUpstream(options: SandboxOptions & { readonly ration?: number } = {}): Promise<Upstream> {
  const { ration = 60_000, ...sandboxOptions } = options;
  const clock = createFakeClock();
  const sandbox = createSandbox({ clock, trunks: 4, numbers: 10, rateLimit: null, ...sandboxOptions });
  await sandbox.listen();
  const clients: DidfarmClient[] = [];
  const warnings: string[] = [];
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_fields: object, message: string) => void warnings.push(message),
    error: (_fields: object, message: string) => void warnings.push(message),
  };

  const upstream: Upstream = {
    clock,
    sandbox,
    warnings,
    beforePage: () => undefined,
    start(storage) {
      const client = createDidfarmClient({
        baseUrl: sandbox.apiUrl,
        regulatoryUrl: sandbox.regulatoryUrl,
        apiKey: sandbox.apiKey,
        rateLimit: ration,
        clock,
        random: () => 0.5,
      });
      clients.push(client);
      const didfarm: DidfarmClient = {
        ...client,
        listTransactions(query, call) {
          upstream.beforePage(query.page ?? 1);
          return client.listTransactions(query, call);
        },
      };
      const snapshots = createSnapshots({ storage, clock, log, budget: () => client.state().budget });
      return { id: acme, storage, didfarm, snapshots, clock, log, attribute, wake: () => undefined };
    },
    pagesAsked() {
      const asked = sandbox.control.callLog().map(({ path }) => new URL(path, sandbox.url));
      sandbox.control.resetCalls();
      return asked
        .filter(({ pathname }) => pathname.endsWith('/wallet/transactions'))
        .map(({ searchParams }) => Number(searchParams.get('page')));
    },
    async differences(storage) {
      const { wallet } = sandbox.control.world;
      const truth = new Set(wallet.newest(0, wallet.count()).map(({ id }) => String(id)));
      const rows = await storage.db.selectFrom('transactions').select('transaction_id').execute();
      const stored = new Set(rows.map((row) => row.transaction_id));
      return { missing: [...truth.difference(stored)], surplus: [...stored.difference(truth)] };
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()));
      await sandbox.close();
    },
  };
  return upstream;
}
