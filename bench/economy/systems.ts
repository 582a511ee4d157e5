import { createApp } from '../../src/app.ts';
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { createLogger } from '../../src/server/log.ts';
import { createFakeClock, type FakeClock } from '../../test/support/clock.ts';
import { configOf } from '../../test/support/config.ts';
import { freePort } from '../free-port.ts';
import { createPlainPeer } from './plain-peer.ts';
import { cached, createGet, type Get, type Listed } from './rest.ts';

/** Something that answers the day's questions, with a DIDfarm and a clock of its own. */
export interface System {
  readonly name: string;
  readonly sandbox: Sandbox;
  readonly clock: FakeClock;
  fetch(request: Request): Promise<Response>;
  /** How many transactions the backlog sync has brought so far. */
  synced(): Promise<number>;
  /** Warnings and errors of its log. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** DIDfarm takes so long for a call, in milliseconds. */
const latency = 150;
const account = { trunks: 20, numbers: 60, transactions: 10_000 };

async function startSandbox(webhookUrl?: string): Promise<{ sandbox: Sandbox; clock: FakeClock }> {
  const clock = createFakeClock();
  const webhook = webhookUrl === undefined ? undefined : { url: webhookUrl };
  const sandbox = createSandbox({ ...account, clock, webhook });
  sandbox.control.faults.add({ kind: 'latency', latency });
  await sandbox.listen();
  return { sandbox, clock };
}

/** The gateway as it is started, webhooks included. */
export async function startGateway(): Promise<System> {
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const { sandbox, clock } = await startSandbox(`${publicUrl}/webhooks/didfarm`);
  const complaints: string[] = [];
  const config = configOf(sandbox, { port, publicUrl, graphiql: false });
  const log = createLogger({ level: 'warn', destination: { write: (line) => void complaints.push(line) } });
  const app = await createApp(config, { clock, random: () => 0.5, log });
  await app.importNumbers(sandbox.control.numbersCsv(), 'csv');
  await app.listen();
  return {
    name: 'gateway',
    sandbox,
    clock,
    complaints,
    fetch: (request) => app.fetch(request),
    async synced() {
      const found = await app.storage.db
        .selectFrom('transactions')
        .select((eb) => eb.fn.countAll<number>().as('rows'))
        .executeTakeFirstOrThrow();
      return Number(found.rows);
    },
    async close() {
      await app.close();
      await sandbox.close();
    },
  };
}

/** A plain server in front of DIDfarm; with `cachedFor` milliseconds, each answer of DIDfarm serves for so long. */
export async function startPeer(name: string, cachedFor: number | null): Promise<System> {
  const { sandbox, clock } = await startSandbox();
  const direct = createGet(sandbox.apiUrl, sandbox.apiKey);
  const get = cachedFor === null ? direct : cached(direct, clock, cachedFor);
  const peer = createPlainPeer({ get, clock, numbers: [...sandbox.control.world.numbers.all()] });
  const stopping = new AbortController();
  const sync = startSync(direct, clock, stopping.signal);
  return {
    name,
    sandbox,
    clock,
    complaints: [],
    fetch: (request) => peer.fetch(request),
    synced: async () => sync.rows(),
    async close() {
      stopping.abort();
      await sync.ended;
      await sandbox.close();
    },
  };
}

/** The peers' export job is polite: a page every three seconds leaves two thirds of the ration to the viewers. */
const pageEvery = 3_000;

function startSync(get: Get, clock: FakeClock, signal: AbortSignal) {
  let rows = 0;
  const run = async () => {
    for (let page = 1; !signal.aborted; ) {
      const { data } = await get<Listed>(`/wallet/transactions?page=${page}`).catch(() => ({ data: null }));
      if (data?.length === 0) return;
      if (data) page += 1;
      rows += data?.length ?? 0;
      await clock.sleep(pageEvery, signal).catch(() => undefined);
    }
  };
  return { rows: () => rows, ended: run() };
}
