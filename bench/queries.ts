import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { createSandbox, type Sandbox } from '../src/sandbox/sandbox.ts';
import { ask, type Child, canPin, startChild } from './children.ts';
import { dashboard } from './documents.ts';
import { type Figure, overRounds, percent, rounded, spreadOf } from './figures.ts';

const rounds = 3;
const seconds = { warmUp: 3, round: 5 };
const connections = 10;

interface Load {
  readonly perSecond: number;
  /** Milliseconds of processor time a request. */
  readonly processor: number;
  readonly p99: number;
}

/**
 * The dashboard with everything local, by the gateway as it is started for production (its file, its log), beside a bare
 * server that returns the same bytes. Both have one core; the load comes from this process, on the other one.
 */
export async function queries(say: (line: string) => void): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-queries-'));
  const sandbox = createSandbox({ trunks: 20, numbers: 60, transactions: 600, rateLimit: null });
  await sandbox.listen();
  const children: Child[] = [];
  try {
    const gateway = await startGateway(folder, sandbox);
    children.push(gateway);
    const bytes = await warmAnswer(gateway);
    const file = join(folder, 'answer.json');
    await writeFile(file, bytes);
    const bare = await startChild(['bench/bare-server.ts', file], { pinned: true, address: /(http:\S+)\n/ });
    children.push(bare);
    say(`${bytes.length} bytes an answer; servers ${canPin ? 'kept on one core' : 'not kept on one core: no taskset'}`);
    return await compare(gateway, bare, say);
  } finally {
    for (const child of children) await child.stop();
    await sandbox.close();
    await rm(folder, { recursive: true });
  }
}

async function startGateway(folder: string, sandbox: Sandbox): Promise<Child> {
  const env = {
    DIDFARM_API_KEY: sandbox.apiKey,
    DIDFARM_BASE_URL: sandbox.apiUrl,
    DIDFARM_REGULATORY_URL: sandbox.regulatoryUrl,
    DIDFARM_RATE_LIMIT: '1000',
    DATABASE_URL: `sqlite:${join(folder, 'gateway.db')}`,
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

/** Asks until the whole history is there and two answers in a row are whole. */
async function warmAnswer(gateway: Child): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const sync = await ask(gateway.url, '{ gateway { sync { resource complete } } }');
    const text = await (await ask(gateway.url, dashboard)).text();
    if (text.includes('"errors"')) throw new Error(`The dashboard is not answered: ${text.slice(0, 500)}`);
    if ((await sync.text()).includes('{"resource":"transactions","complete":true}')) return text;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('The history did not arrive within ten seconds.');
}

async function compare(gateway: Child, bare: Child, say: (line: string) => void): Promise<Figure[]> {
  for (const child of [gateway, bare]) await load(child, seconds.warmUp);
  const of = { gateway: [] as Load[], bare: [] as Load[] };
  for (let round = 1; round <= rounds; round++) {
    const first = await load(gateway, seconds.round);
    const second = await load(bare, seconds.round);
    of.gateway.push(first);
    of.bare.push(second);
    say(`round ${round}: gateway ${rounded(first.perSecond)}/s, bare ${rounded(second.perSecond)}/s`);
  }
  const both = (figure: keyof Load) => ({
    gateway: overRounds(of.gateway.map((each) => each[figure])),
    bare: overRounds(of.bare.map((each) => each[figure])),
  });
  const perSecond = both('perSecond');
  const processor = both('processor');
  const p99 = both('p99');
  return [
    {
      row: 'queries',
      what: 'dashboard, everything local: requests a second of one core',
      ratio: percent(perSecond.gateway.median / perSecond.bare.median),
      seen: `${rounded(perSecond.gateway.median)}/s`,
      beside: `bare node:http, same bytes ${rounded(perSecond.bare.median)}/s`,
      spread: spreadOf(perSecond.gateway, perSecond.bare),
      data: perSecond,
    },
    {
      row: 'queries',
      what: 'processor time a dashboard (hardly moved by what else runs here)',
      ratio: percent(processor.bare.median / processor.gateway.median),
      seen: `${rounded(processor.gateway.median)} ms`,
      beside: `bare ${rounded(processor.bare.median)} ms`,
      spread: spreadOf(processor.gateway, processor.bare),
      data: processor,
    },
    {
      row: 'queries',
      what: `slowest of a hundred, ${connections} connections`,
      // It is counted in whole milliseconds, of which the bare server may need none.
      ratio: `${p99.bare.median < 1 ? '> ' : ''}${rounded(p99.gateway.median / Math.max(1, p99.bare.median))}×`,
      seen: `${rounded(p99.gateway.median)} ms`,
      beside: p99.bare.median < 1 ? 'bare < 1 ms' : `bare ${rounded(p99.bare.median)} ms`,
      spread: spreadOf(p99.gateway),
      data: p99,
    },
  ];
}

async function load({ url, processorTime }: Child, duration: number): Promise<Load> {
  const before = processorTime();
  const result = await autocannon({
    url: `${url}/graphql`,
    connections,
    duration,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query: dashboard }),
  });
  const lost = result.errors + result.timeouts + result.non2xx;
  if (lost > 0) throw new Error(`${lost} of ${result.requests.total} requests were not answered well`);
  const processor = (processorTime() - before) / result.requests.total;
  return { perSecond: result.requests.average, processor, p99: result.latency.p99 };
}
