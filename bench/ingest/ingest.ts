import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { type Child, startChild } from '../children.ts';
import { type Figure, overRounds, percent, rounded, spreadOf } from '../figures.ts';
import { type Bare, commitBare, rowsLeft } from './bare.ts';
import { type Burst, burst, concurrency, type Target } from './load.ts';

const rounds = 3;
const milliseconds = { warmUp: 2_000, round: 5_000 };
/** What DIDfarm waits for an answer, in milliseconds. */
const patience = 3_000;
const secret = 'whsec_bench';

interface Round {
  readonly gateway: Burst;
  /** Deliveries a commit, on average. */
  readonly group: number;
  /** Milliseconds of the gateway's processor time a webhook. */
  readonly processor: number;
  readonly one: Bare;
  readonly grouped: Bare;
}

/**
 * Bursts of signed webhooks to the gateway as it is started for production (its file, its log), and the storage engine alone
 * committing the very rows that they left: one commit a webhook, and in groups as large as the gateway's.
 */
export async function ingest(say: (line: string) => void): Promise<Figure[]> {
  const sandbox = createSandbox({ trunks: 20, numbers: 60, transactions: 0, rateLimit: null });
  await sandbox.listen();
  try {
    const seen: Round[] = [];
    for (let place = 1; place <= rounds; place++) {
      const round = await inFolder((folder) => measure(folder, sandbox));
      seen.push(round);
      const { gateway, group, one, grouped } = round;
      const bare = `bare ${rounded(one.perSecond)}/s, grouped ${rounded(grouped.perSecond)}/s`;
      say(`round ${place}: ${rounded(gateway.perSecond)}/s in groups of ${rounded(group)}; ${bare}`);
    }
    return figuresOf(seen);
  } finally {
    await sandbox.close();
  }
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-ingest-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measure(folder: string, sandbox: Sandbox): Promise<Round> {
  const file = join(folder, 'gateway.db');
  const child = await startGateway(folder, file, sandbox);
  const { world } = sandbox.control;
  const target = {
    url: child.url,
    secret,
    trunks: world.trunks.all().map(({ uuid }) => uuid),
    numbers: [...world.numbers.all()].map(({ e164 }) => e164),
  };
  const { gateway, group, processor } = await loaded(child, target).finally(() => child.stop());
  const rows = rowsLeft(file);
  const bare = (size: number) => commitBare(join(folder, 'bare.db'), rows, size);
  return { gateway, group, processor, one: await bare(1), grouped: await bare(Math.max(1, Math.round(group))) };
}

async function loaded(child: Child, target: Target): Promise<Pick<Round, 'gateway' | 'group' | 'processor'>> {
  await burst(target, milliseconds.warmUp);
  const read = async () => ({ ...(await commits(child)), processor: child.processorTime() });
  const before = await read();
  const gateway = await burst(target, milliseconds.round);
  const after = await read();
  return {
    gateway,
    group: (after.deliveries - before.deliveries) / (after.commits - before.commits),
    processor: (after.processor - before.processor) / gateway.sent,
  };
}

async function startGateway(folder: string, file: string, sandbox: Sandbox): Promise<Child> {
  const env = {
    DIDFARM_API_KEY: sandbox.apiKey,
    DIDFARM_BASE_URL: sandbox.apiUrl,
    DIDFARM_REGULATORY_URL: sandbox.regulatoryUrl,
    DIDFARM_WEBHOOK_SECRET: secret,
    DATABASE_URL: `sqlite:${file}`,
    PORT: '0',
  };
  const list = join(folder, 'numbers.csv');
  await writeFile(list, sandbox.control.numbersCsv());
  const loading = await startChild(['src/main.ts', 'import', list], { env, address: /(\d+ imported)/ });
  await loading.process.exited;
  // For profiles: NODE_OPTIONS of whoever runs this reach the gateway alone.
  const profiling: Record<string, string> = process.env['BENCH_GATEWAY_OPTIONS']
    ? { NODE_OPTIONS: process.env['BENCH_GATEWAY_OPTIONS'] }
    : {};
  return startChild(['src/main.ts'], { env: { ...env, ...profiling }, pinned: true, address: /"url":"([^"]+)"/ });
}

async function commits({ url }: Child): Promise<{ readonly deliveries: number; readonly commits: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  return { deliveries: read('gateway_webhooks'), commits: read('gateway_webhook_commits') };
}

function figuresOf(seen: readonly Round[]): Figure[] {
  const over = (read: (round: Round) => number) => overRounds(seen.map(read));
  const perSecond = over(({ gateway }) => gateway.perSecond);
  const p99 = over(({ gateway }) => gateway.p99);
  const slowest = over(({ gateway }) => gateway.slowest);
  const one = over((round) => round.one.perSecond);
  const grouped = over((round) => round.grouped.perSecond);
  const group = over((round) => round.group);
  const processor = over((round) => round.processor);
  const oneProcessor = over((round) => round.one.processor);
  const throughput = (what: string, bare: typeof one, named: string): Figure => ({
    row: 'ingest',
    what,
    ratio: percent(perSecond.median / bare.median),
    seen: `${rounded(perSecond.median)}/s`,
    beside: `${named} ${rounded(bare.median)}/s`,
    spread: spreadOf(perSecond, bare),
    data: { gateway: perSecond, bare, group },
  });
  return [
    throughput(`durable webhooks a second, ${concurrency} at once`, one, 'aim ≥ 50%; bare engine, one commit each'),
    throughput(
      `the same, beside groups of ${rounded(group.median)} as the gateway's`,
      grouped,
      'bare engine, as many a commit',
    ),
    {
      row: 'ingest',
      what: 'processor time a webhook',
      ratio: `${rounded(processor.median / oneProcessor.median)}×`,
      seen: `${rounded(processor.median)} ms`,
      beside: `bare engine ${rounded(oneProcessor.median)} ms`,
      spread: spreadOf(processor, oneProcessor),
      data: { gateway: processor, bare: oneProcessor },
    },
    {
      row: 'ingest',
      what: 'slowest of a hundred answers',
      ratio: percent(p99.median / patience),
      seen: `${rounded(p99.median)} ms`,
      beside: `the sender's ${patience} ms; slowest of all ${rounded(slowest.median)} ms`,
      spread: spreadOf(p99),
      data: { p99, slowest },
    },
  ];
}
