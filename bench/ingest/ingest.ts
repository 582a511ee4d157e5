import { join } from 'node:path';
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import type { Child } from '../children.ts';
import { type Figure, overRounds, rounded, rounds, share, spreadOf, times } from '../figures.ts';
import { inFolder } from '../folder.ts';
import { figuresOfRest, type Gateway, startGateway } from '../gateway.ts';
import type { Run } from '../run.ts';
import { type Bare, commitBare, rowsLeft } from './bare.ts';
import { type Burst, burst, concurrency, type Target } from './load.ts';

const warmUp = 2_000;
const aim = { least: 0.5 };
/** What DIDfarm waits for an answer, in milliseconds. */
const patience = 3_000;

interface Round {
  readonly gateway: Burst;
  /** Deliveries a commit, on average. */
  readonly group: number;
  /** Milliseconds of the gateway's processor time a webhook. */
  readonly processor: number;
  readonly one: Bare;
  readonly grouped: Bare;
  readonly rest: readonly Figure[];
}

/**
 * Bursts of signed webhooks to the gateway as it is started for production (its file, its log), and the storage engine alone
 * committing the very rows that they left: one commit a webhook, and in groups as large as the gateway's.
 */
export async function ingest({ say, seconds }: Run): Promise<Figure[]> {
  const sandbox = createSandbox({ trunks: 20, numbers: 60, transactions: 0, rateLimit: null });
  await sandbox.listen();
  try {
    const seen: Round[] = [];
    let rest: readonly Figure[] = [];
    for (let place = 1; place <= rounds; place++) {
      const round = await inFolder((folder) => measure(folder, sandbox, seconds * 1000));
      seen.push(round);
      rest = round.rest;
      const { gateway, group, one, grouped } = round;
      const bare = `bare ${rounded(one.perSecond)}/s, grouped ${rounded(grouped.perSecond)}/s`;
      say(`round ${place}: ${rounded(gateway.perSecond)}/s in groups of ${rounded(group)}; ${bare}`);
    }
    return [...figuresOf(seen), ...rest];
  } finally {
    await sandbox.close();
  }
}

async function measure(folder: string, sandbox: Sandbox, milliseconds: number): Promise<Round> {
  const gateway = await startGateway({ folder, sandbox });
  const { world } = sandbox.control;
  const target = {
    url: gateway.url,
    secret: sandbox.webhookSecret,
    trunks: world.trunks.all().map(({ uuid }) => uuid),
    numbers: [...world.numbers.all()].map(({ e164 }) => e164),
  };
  const seen = await loaded(gateway, target, milliseconds).finally(() => gateway.stop());
  const rows = rowsLeft(join(folder, 'gateway.db'));
  const bare = (size: number) => commitBare(join(folder, 'bare.db'), rows, size);
  return { ...seen, one: await bare(1), grouped: await bare(Math.max(1, Math.round(seen.group))) };
}

async function loaded(child: Gateway, target: Target, milliseconds: number): Promise<Omit<Round, 'one' | 'grouped'>> {
  await burst(target, warmUp);
  await child.watched();
  const read = async () => ({ ...(await commits(child)), processor: child.processorTime() });
  const before = await read();
  const gateway = await burst(target, milliseconds);
  const after = await read();
  return {
    gateway,
    group: (after.deliveries - before.deliveries) / (after.commits - before.commits),
    processor: (after.processor - before.processor) / gateway.sent,
    rest: await figuresOfRest('ingest', child),
  };
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
  const throughput = (what: string, bare: typeof one, named: string, aim?: Figure['aim']): Figure => ({
    row: 'ingest',
    what,
    ratio: share(perSecond.median / bare.median),
    ...(aim && { aim }),
    seen: `${rounded(perSecond.median)}/s`,
    beside: `${named} ${rounded(bare.median)}/s`,
    spread: spreadOf(perSecond, bare),
    data: { gateway: perSecond, bare, group },
  });
  return [
    throughput(`durable webhooks a second, ${concurrency} at once`, one, 'bare engine, one commit each', aim),
    throughput(
      "the same, beside groups as large as the gateway's",
      grouped,
      `bare engine, ${rounded(group.median)} a commit`,
    ),
    {
      row: 'ingest',
      what: 'processor time a webhook',
      ratio: times(processor.median / oneProcessor.median),
      seen: `${rounded(processor.median)} ms`,
      beside: `bare engine ${rounded(oneProcessor.median)} ms`,
      spread: spreadOf(processor, oneProcessor),
      data: { gateway: processor, bare: oneProcessor },
    },
    {
      row: 'ingest',
      what: 'slowest of a hundred answers',
      ratio: share(p99.median / patience),
      seen: `${rounded(p99.median)} ms`,
      beside: `the sender's ${patience} ms; slowest of all ${rounded(slowest.median)} ms`,
      spread: spreadOf(p99),
      data: { p99, slowest },
    },
  ];
}
