import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../src/sandbox/sandbox.ts';
import { type Child, startChild } from './children.ts';
import { type Figure, rounded, share } from './figures.ts';

/** The gateway as it is started for production, in a process of its own on the servers' core. */
export interface Gateway extends Child {
  /** What it has held since it was last asked. */
  watched(): Promise<Watched>;
}

export interface Watched {
  /** Milliseconds for which nothing else could run, at most. */
  readonly hold: number;
  /** Resident bytes: `before` as they are, `held` with --expose-gc when all that nobody holds is given back, `heap` of it V8's. */
  readonly before: number;
  readonly held: number;
  readonly heap: number;
}

export interface GatewayOptions {
  /** For its file, and the list of numbers. */
  readonly folder: string;
  /** In DIDfarm's place. */
  readonly sandbox: Sandbox;
  readonly env?: Readonly<Record<string, string>>;
  /** Of Node itself. */
  readonly flags?: readonly string[];
}

/** How long it is left alone before its memory is read, in milliseconds. */
const rest = 3_000;
const limits = { hold: 20, mebibytes: 120 };

/** Its file holds the owned numbers, imported, and nothing else. */
export async function startGateway({ folder, sandbox, env = {}, flags = [] }: GatewayOptions): Promise<Gateway> {
  const own = {
    NODE_ENV: 'production',
    DIDFARM_API_KEY: sandbox.apiKey,
    DIDFARM_BASE_URL: sandbox.apiUrl,
    DIDFARM_REGULATORY_URL: sandbox.regulatoryUrl,
    DIDFARM_RATE_LIMIT: '1000',
    DIDFARM_WEBHOOK_SECRET: sandbox.webhookSecret,
    DATABASE_URL: `sqlite:${join(folder, 'gateway.db')}`,
    PORT: '0',
    ...env,
  };
  const list = join(folder, 'numbers.csv');
  await writeFile(list, sandbox.control.numbersCsv());
  const loading = await startChild(['src/main.ts', 'import', list], { env: own, address: /(\d+ imported)/ });
  await loading.process.exited;
  // For profiles: the options of whoever runs this reach the gateway alone.
  const profiling = { NODE_OPTIONS: process.env['BENCH_GATEWAY_OPTIONS'] ?? '' };
  const child = await startChild([...watching, ...flags, 'src/main.ts'], {
    env: { ...own, ...profiling },
    pinned: true,
    address: /"url":"([^"]+)"/,
  });
  return { ...child, watched: watch(child) };
}

/** Flags with which a server can be asked what it held. */
export const watching = ['--import', './bench/watched.ts'];

/** Asks a server that was started with {@link watching}. */
export function watch({ process: { child, printed } }: Child): () => Promise<Watched> {
  let asked = 0;
  return async () => {
    child.kill('SIGUSR2');
    const [, said = ''] = await printed(new RegExp(`watched ${++asked}: (\\{.*\\})`));
    return JSON.parse(said) as Watched;
  };
}

/** How long a gateway's event loop was held since it was last asked, or before, and its memory after it has been left alone. */
export async function figuresOfRest(row: string, gateway: Gateway, heldBefore = 0): Promise<Figure[]> {
  const hold = Math.max(heldBefore, (await gateway.watched()).hold);
  await new Promise((resolve) => setTimeout(resolve, rest));
  return [holdFigure(row, hold), memoryFigure(`resident after ${row}, idle`, gateway.residentMemory())];
}

export function holdFigure(row: string, hold: number): Figure {
  return {
    row,
    what: 'event loop held at most',
    ratio: share(hold / limits.hold),
    aim: { most: 1 },
    seen: `${rounded(hold)} ms`,
    beside: `limit ${limits.hold} ms`,
    data: { hold },
  };
}

export function memoryFigure(what: string, bytes: number): Figure {
  const mebibytes = bytes / 1024 / 1024;
  return {
    row: 'memory',
    what,
    ratio: share(mebibytes / limits.mebibytes),
    aim: { most: 1 },
    seen: `${rounded(mebibytes)} MiB`,
    beside: `limit ${limits.mebibytes} MiB`,
    data: { mebibytes },
  };
}
