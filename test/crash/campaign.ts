import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, type AppConfig, createApp } from '../../src/app.ts';
import { systemClock } from '../../src/clock.ts';
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { createLogger } from '../../src/server/log.ts';
import { configOf } from '../support/config.ts';
import { startProcess } from '../support/process.ts';
import type { Deed } from './deeds.ts';
import type { Errand, Point } from './errand.ts';

/** What became of one crash. */
export interface Outcome {
  readonly deed: Deed;
  readonly point: Point;
  readonly seed: number;
  /** Of the operation, after the restart and after the same key was sent again. */
  readonly status: string;
  readonly answer: string;
  /** By the sandbox's books, and by the operation's steps. */
  readonly done: Readonly<Record<string, number>>;
  readonly steps: Readonly<Record<string, string>>;
  /** What is wrong; empty where bought at most once, charged at most once and the operation tells the truth. */
  readonly faults: readonly string[];
}

const faultOf: Partial<Readonly<Record<Point, 'cut-before' | 'cut-after'>>> = {
  'sent, cut before the work': 'cut-before',
  'sent, cut after the work': 'cut-after',
};
/** Every other seed comes back so much later that what nothing shows can be taken as not done. Milliseconds. */
const longAfter = 660_000;
const silent = () => createLogger({ level: 'silent', destination: { write: () => undefined } });

/** Sends a mutation to a gateway that is killed at a point of it, restarts the gateway, sends the same key again, and compares. */
export async function crash(deed: Deed, point: Point, seed: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-crash-'));
  const sandbox = createSandbox({ seed: seed + 1, trunks: 4, numbers: 12, transactions: 15, rateLimit: null });
  try {
    await sandbox.listen();
    const { input, done } = deed.prepare(sandbox, seed);
    const rows = sandbox.control.world.wallet.count();
    const config = configOf(sandbox, {
      databaseUrl: `sqlite:${join(folder, 'gateway.db')}`,
      rateLimit: 10_000,
      logLevel: 'silent',
    });
    const body = { query: mutationOf(deed.field), variables: { input: { ...input, idempotencyKey: 'k' } } };
    const kind = faultOf[point];
    if (kind !== undefined) sandbox.control.faults.add({ kind, method: 'POST', path: `*${deed.path}`, times: 1 });
    await killed({ config, numbersCsv: sandbox.control.numbersCsv(), point, path: deed.path, body });
    const { answer, operation } = await restarted(config, sandbox, seed % 2 === 1 ? longAfter : 0, body);
    const steps = Object.fromEntries(operation.steps.map((step) => [step.name, step.status]));
    const faults = [
      ...doneAsItSays(done(), steps),
      ...chargedOnce(sandbox, rows, done()),
      ...endedAsItSays(point, operation.status, done()),
    ];
    return { deed, point, seed, status: operation.status, answer, done: done(), steps, faults };
  } finally {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const mutationOf = (field: string) =>
  `mutation ($input: ${field[0]?.toUpperCase()}${field.slice(1)}Input!) { ${field}(input: $input) { __typename } }`;

/** @throws where the process did not die as it should: then nothing is shown. */
async function killed(errand: Errand): Promise<void> {
  const child = startProcess(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    new URL('./child.ts', import.meta.url).pathname,
    JSON.stringify(errand),
  ]);
  const ended = await child.exited;
  if (ended !== 'SIGKILL') throw new Error(`The gateway ended with ${ended}: ${child.output.stderr}`);
}

interface Operation {
  readonly status: string;
  readonly steps: readonly { readonly name: string; readonly status: string }[];
}

async function restarted(config: AppConfig, sandbox: Sandbox, delay: number, body: { readonly query: string }) {
  if (delay > 0) await sandbox.control.clock.advance(delay);
  const clock = { ...systemClock, now: () => Date.now() + delay };
  const app = await createApp(config, { log: silent(), clock });
  try {
    app.start();
    await app.settled();
    const answer = Object.values(await ask(app, body))[0] as { readonly __typename: string };
    await app.settled();
    const { operation } = await ask(app, {
      query: '{ operation(idempotencyKey: "k") { status steps { name status } } }',
    });
    return { answer: answer.__typename, operation: operation as Operation };
  } finally {
    await app.close();
  }
}

async function ask(app: App, body: object): Promise<Readonly<Record<string, unknown>>> {
  const request = new Request('http://gateway.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { data, errors } = (await (await app.fetch(request)).json()) as {
    readonly data: Readonly<Record<string, unknown>> | null;
    readonly errors?: unknown;
  };
  if (data === null || errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

/** What a step may say of what was done so many times. */
const mayBe: Readonly<Record<string, readonly number[]>> = { SUCCEEDED: [1], FAILED: [0], UNKNOWN: [0, 1], none: [0] };

function doneAsItSays(done: Readonly<Record<string, number>>, steps: Readonly<Record<string, string>>): string[] {
  return Object.entries(done).flatMap(([kind, times]) => {
    const status = steps[kind] ?? 'none';
    return mayBe[status]?.includes(times) === true ? [] : [`${kind} is ${status} and was done ${times} times`];
  });
}

function endedAsItSays(point: Point, status: string, done: Readonly<Record<string, number>>): string[] {
  const isDone = Object.values(done).every((times) => times === 1);
  return [
    ...(status === 'SUCCEEDED' && !isDone ? ['says SUCCEEDED and is not done'] : []),
    ...(point === 'recorded, not replied' && status !== 'SUCCEEDED' ? ['forgot what was recorded'] : []),
  ];
}

/** Orders and texts are what the wallet pays for: as many debits as there are of them, each of its price. */
function chargedOnce({ control }: Sandbox, rows: number, done: Readonly<Record<string, number>>): string[] {
  const { wallet } = control.world;
  const debits = wallet.newest(0, wallet.count() - rows).filter(({ amount }) => amount < 0).length;
  const owed = (done['checkout'] ?? 0) + (done['send-message'] ?? 0);
  return debits === owed ? [] : [`was charged ${debits} times for ${owed} purchases`];
}
