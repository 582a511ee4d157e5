import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { constants } from 'node:perf_hooks';
import type { Sandbox } from '../src/sandbox/sandbox.ts';
import { type Child, startChild } from './children.ts';
import { type Figure, rounded, share } from './figures.ts';
import type { watchHolds } from './holds.js';
import { image, type Program } from './programs.ts';

/** The gateway as it is started for production, in a process of its own on the servers' core. */
export interface Gateway extends Child {
  /** What it has held since it was last asked. */
  watched(): Promise<Watched>;
}

export interface Watched extends Held {
  /** Resident bytes: `before` as they are, `held` with --expose-gc when all that nobody holds is given back, `heap` of it V8's. */
  readonly before: number;
  readonly held: number;
  readonly heap: number;
}

type Held = Awaited<ReturnType<ReturnType<typeof watchHolds>['seen']>>;

export interface GatewayOptions {
  /** For its file, and the list of numbers. */
  readonly folder: string;
  /** In DIDfarm's place. */
  readonly sandbox: Sandbox;
  /** How it is started; the image without it. */
  readonly program?: Program;
  readonly env?: Readonly<Record<string, string>>;
  /** Of Node itself. */
  readonly flags?: readonly string[];
  /** Left out: it can be asked what it held. What looks after that takes a few MiB. */
  readonly watched?: false;
}

/** How long it is left alone before its memory is read, in milliseconds. */
const rest = 3_000;
const limits = { hold: 20, mebibytes: 120 };
/** So many holds the file tells about. */
const longestKept = 10;

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const begin = await prepareGateway(options);
  return begin();
}

/** What starts it when its file holds the owned numbers, imported, and nothing else. */
export async function prepareGateway(options: GatewayOptions): Promise<() => Promise<Gateway>> {
  const { folder, sandbox, program, flags = [] } = options;
  const { args, env: given, ...where } = program ?? (await image());
  const env = {
    ...given,
    DIDFARM_API_KEY: sandbox.apiKey,
    DIDFARM_BASE_URL: sandbox.apiUrl,
    DIDFARM_REGULATORY_URL: sandbox.regulatoryUrl,
    DIDFARM_RATE_LIMIT: '1000',
    DIDFARM_WEBHOOK_SECRET: sandbox.webhookSecret,
    DATABASE_URL: `sqlite:${join(folder, 'gateway.db')}`,
    PORT: '0',
    ...options.env,
  };
  const list = join(folder, 'numbers.csv');
  await writeFile(list, sandbox.control.numbersCsv());
  const loading = await startChild([...args, 'import', list], { env, ...where, address: /(\d+ imported)/ });
  await loading.process.exited;
  return async () => {
    const child = await startChild([...(options.watched === false ? [] : watching), ...flags, ...args], {
      env: { ...env, ...profiling(given) },
      ...where,
      pinned: true,
      address: /"url":"([^"]+)"/,
    });
    return { ...child, watched: watch(child) };
  };
}

/** The options of whoever runs this reach the gateway alone. */
export function profiling(env: Program['env']): Record<string, string> {
  return { NODE_OPTIONS: `${env['NODE_OPTIONS'] ?? ''} ${process.env['BENCH_GATEWAY_OPTIONS'] ?? ''}`.trim() };
}

/** Flags with which a server can be asked what it held. */
export const watching = ['--import', resolve('bench/watched.js')];

/** Asks a server that was started with {@link watching}. With `BENCH_HOLDS` in the environment each hold beyond the limit is told. */
export function watch({ process: { child, printed } }: Child): () => Promise<Watched> {
  let asked = 0;
  return async () => {
    child.kill('SIGUSR2');
    const [, said = ''] = await printed(new RegExp(`watched ${++asked}: (\\{.*\\})`));
    const watched = JSON.parse(said) as Watched;
    if (process.env['BENCH_HOLDS']) for (const hold of watched.holds) console.log(`    ${spelt(hold)}`);
    return watched;
  };
}

const collections = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'new objects'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'all objects'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'marking'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weak references'],
]);

function spelt({ at, wall, hold, processor, collecting, longest, kinds }: Held['holds'][number]): string {
  const garbage = `garbage ${rounded(collecting)} ms (longest ${rounded(longest)}${kinds.map((kind) => `, ${collections.get(kind) ?? kind}`).join('')})`;
  return `held at ${Math.round(at)} ms for ${rounded(hold)} of ${rounded(wall)} ms, processor ${rounded(processor)} ms, ${garbage}`;
}

/** How long a gateway's event loop was held since it was last asked, or before, and its memory after it has been left alone. */
export async function figuresOfRest(row: string, gateway: Gateway, before: readonly Held[] = []): Promise<Figure[]> {
  const held = [...before, await gateway.watched()];
  await leftAlone();
  return [holdFigure(row, held), memoryFigure(`resident after ${row}, idle`, gateway.residentMemory())];
}

/** Until what a server has just done is over. */
export async function leftAlone(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, rest));
}

/** Of all that was seen, the longest. */
export function holdFigure(row: string, seen: readonly Held[]): Figure {
  const most = (what: 'hold' | 'wall' | 'collected') => Math.max(...seen.map((watched) => watched[what]));
  const beyond = seen.flatMap(({ holds }) => holds);
  const own = beyond.filter(({ hold }) => hold > limits.hold);
  const collecting = own.filter((each) => each.collecting > each.hold / 2);
  return {
    row,
    what: 'event loop held at most',
    ratio: share(most('hold') / limits.hold),
    aim: { most: 1 },
    seen: `${rounded(most('hold'))} ms`,
    beside: [
      `limit ${limits.hold} ms, ${own.length} times more (${collecting.length} collecting garbage)`,
      `longest collection ${rounded(most('collected'))} ms`,
      `with what else the machine ran ${rounded(most('wall'))} ms, ${beyond.length} times more`,
    ].join('; '),
    data: {
      hold: most('hold'),
      wall: most('wall'),
      collected: most('collected'),
      holds: beyond.toSorted((a, b) => b.hold - a.hold).slice(0, longestKept),
    },
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
