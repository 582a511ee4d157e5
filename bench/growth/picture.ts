import { sql } from 'kysely';
import { accountId } from '../../src/access/viewer.ts';
import { type App, createApp } from '../../src/app.ts';
import type { TransactionListing } from '../../src/didfarm/client.ts';
import { formatEuros } from '../../src/sandbox/money.ts';
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import type { Transaction } from '../../src/sandbox/world/history.ts';
import { createLogger } from '../../src/server/log.ts';
import { openStorage } from '../../src/storage/database.ts';
import { writeMirror } from '../../src/wallet/mirror-state.ts';
import { storeTransactions } from '../../src/wallet/store.ts';
import { createFakeClock } from '../../test/support/clock.ts';
import { configOf } from '../../test/support/config.ts';

export interface Size {
  readonly transactions: number;
  readonly numbers: number;
}

/** A gateway on a file that holds everything its DIDfarm has, its time standing still, so that nothing is ever refreshed. */
export interface Picture {
  /** What the file really holds. */
  readonly size: Size;
  readonly sandbox: Sandbox;
  ask(query: string, variables?: object): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const account = accountId('sandbox');
const rowsAtOnce = 10_000;
/** On a slow machine the large picture is smaller: the newest transactions are there, the oldest are not. Milliseconds. */
const patience = 180_000;

/** Fills the file through the gateway's own import and its own store, without paging through the API. */
export async function openPicture(file: string, size: Size): Promise<Picture> {
  const clock = createFakeClock();
  const sandbox = createSandbox({ ...size, trunks: 20, clock, rateLimit: null });
  await sandbox.listen();
  const databaseUrl = `sqlite:${file}`;
  await claimComplete(databaseUrl, size);
  const app = await createApp(
    configOf(sandbox, {
      graphiql: false,
      upstream: {
        apiKey: sandbox.apiKey,
        baseUrl: sandbox.apiUrl,
        regulatoryUrl: sandbox.regulatoryUrl,
        rateLimit: 1_000,
      },
      databaseUrl,
      // Each page is asked again and again, to be read each time.
      answersMegabytes: 0,
    }),
    { clock, log: createLogger({ level: 'warn', destination: process.stderr }) },
  );
  // The trunks come first, by being asked for: numbers hang on them, and transactions on numbers.
  await ask(app, '{ trunks(first: 1) { nodes { uuid } } }', {});
  await app.importNumbers(sandbox.control.numbersCsv(), 'csv');
  const transactions = await store(app, sandbox, size);
  return {
    size: { ...size, transactions },
    sandbox,
    ask: (query, variables = {}) => ask(app, query, variables),
    async close() {
      await app.close();
      await sandbox.close();
    },
  };
}

/** Before the gateway opens the file, so that it does not begin to page through the history. */
async function claimComplete(databaseUrl: string, { transactions }: Size): Promise<void> {
  const storage = await openStorage(databaseUrl);
  const state = { newest: String(transactions), holes: [], rows: transactions, missing: 0, unreadable: [] };
  await storage.transaction((trx) => writeMirror(trx, account, state));
  await storage.close();
}

async function store({ storage }: App, { control }: Sandbox, { transactions }: Size): Promise<number> {
  const pragmas = async (...all: string[]) => {
    for (const each of all) await sql`pragma ${sql.raw(each)}`.execute(storage.db);
  };
  // Nobody minds if this file is lost; before it is measured all is as the gateway has it.
  await pragmas('synchronous = off', 'cache_size = -500000');
  const end = performance.now() + patience;
  let stored = 0;
  while (stored < transactions && performance.now() < end) {
    const rows = control.world.wallet.newest(stored, rowsAtOnce).map(listed);
    await storage.transaction((trx) => storeTransactions(trx, account, rows));
    stored += rows.length;
  }
  await pragmas('synchronous = full', 'cache_size = -2000', 'wal_checkpoint(truncate)');
  return stored;
}

/** As the client of the API gives it; the API spells times in whole seconds. */
function listed(row: Transaction): TransactionListing {
  return {
    transactionId: String(row.id),
    amount: formatEuros(row.amount),
    currency: 'EUR',
    kind: row.type,
    description: row.description,
    createdAt: Math.floor(row.createdAt / 1000) * 1000,
    referenceType: row.referenceType,
    referenceId: row.referenceId === null ? null : String(row.referenceId),
  };
}

async function ask(app: App, query: string, variables: object): Promise<Record<string, unknown>> {
  const response = await app.fetch(
    new Request('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query, variables }),
    }),
  );
  const { data, errors } = (await response.json()) as { data?: Record<string, unknown>; errors?: unknown };
  if (!data || errors) throw new Error(`Not answered: ${JSON.stringify(errors)}`);
  return data;
}
