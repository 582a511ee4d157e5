import { spawnSync } from 'node:child_process';
import { type Figure, overRounds, type Rounds, rounded, share, spreadOf, times } from '../figures.ts';
import { figuresOfRest, type Watched } from '../gateway.ts';
import type { Run } from '../run.ts';
import { type Broadcaster, startBare, startGateway } from './servers.ts';

const sizes = [1_000, 5_000, 10_000];
const warmUp = 100;
const deliveries = 25;
/** After so many milliseconds no further round of a size is begun. */
const longest = 60_000;
/** Each process has some files open besides its sockets. */
const otherFiles = 200;
const aim = { ratio: 1.2, kibibytes: 32 };

/** What one server did at one size. Milliseconds to the last subscriber, microseconds of processor time a delivery. */
interface Measured {
  readonly last: Rounds;
  readonly processor: number;
  /** Bytes of each subscriber. */
  readonly memory: Readonly<Record<Memory, number>>;
  readonly watched: Watched;
}

type Memory = 'before' | 'held' | 'heap';

/** From a webhook to the last of its subscribers, and what each costs, beside a bare `ws` server that sends the same bytes. */
export async function fanout({ say }: Run): Promise<Figure[]> {
  const allowed = sizes.filter((size) => size + otherFiles <= openFiles());
  if (allowed.length < sizes.length)
    say(`only ${openFiles()} files may be open: raise it (ulimit -n 20000) for ${sizes.at(-1)} subscribers`);
  let message = '';
  const gateway = await startGateway();
  try {
    const bare = await startBare(() => message);
    try {
      const begin = [];
      for (const server of [gateway, bare]) {
        await server.open(warmUp);
        for (let round = 0; round < 3; round++) message = (await server.deliver()).message;
        begin.push({ server, count: warmUp, memory: await server.watched() });
      }
      const { figures, watched } = await growing(begin, allowed, say);
      return [...figures, ...(await figuresOfRest('fanout', gateway.child, watched))];
    } finally {
      await bare.stop();
    }
  } finally {
    await gateway.stop();
  }
}

interface Beginning {
  readonly server: Broadcaster;
  readonly count: number;
  readonly memory: Watched;
}

async function growing(begin: readonly Beginning[], to: readonly number[], say: (line: string) => void) {
  const figures: Figure[] = [];
  const watched: Watched[] = [];
  let count = warmUp;
  for (const size of to) {
    for (const { server } of begin) await server.open(size - count);
    count = size;
    const [gateway, bare] = await measure(begin, size);
    if (gateway === undefined || bare === undefined) break;
    say(`${size} subscribers: gateway ${rounded(gateway.last.median)} ms, bare ws ${rounded(bare.last.median)} ms`);
    figures.push(...figuresOf(size, gateway, bare));
    watched.push(gateway.watched);
  }
  return { figures, watched };
}

/** In turns, so that what else the machine does falls on both. */
async function measure(begin: readonly Beginning[], size: number): Promise<Measured[]> {
  const last = begin.map((): number[] => []);
  const processor = begin.map(() => 0);
  const startedAt = performance.now();
  for (let round = 0; round < deliveries && performance.now() - startedAt < longest; round++) {
    for (const [place, { server }] of begin.entries()) {
      const before = server.child.processorTime();
      last[place]?.push((await server.deliver()).milliseconds);
      processor[place] = (processor[place] ?? 0) + server.child.processorTime() - before;
    }
  }
  const measured: Measured[] = [];
  for (const [place, { server, count, memory }] of begin.entries()) {
    const watched = await server.watched();
    const each = (what: Memory) => (watched[what] - memory[what]) / (size - count);
    const delivered = (last[place]?.length ?? 0) * size;
    measured.push({
      last: overRounds(last[place] ?? []),
      processor: ((processor[place] ?? 0) * 1000) / delivered,
      memory: { held: each('held'), heap: each('heap'), before: each('before') },
      watched,
    });
  }
  return measured;
}

function figuresOf(size: number, gateway: Measured, bare: Measured): Figure[] {
  const row = 'fanout';
  const subscribers = `${size.toLocaleString('en')} subscribers`;
  const kibibytes = (bytes: number) => `${rounded(bytes / 1024)} KiB`;
  return [
    {
      row,
      what: `${subscribers}: webhook to the last delivery`,
      ratio: times(gateway.last.median / bare.last.median),
      aim: { most: aim.ratio },
      seen: `${rounded(gateway.last.median)} ms`,
      beside: `bare ws ${rounded(bare.last.median)} ms`,
      spread: spreadOf(gateway.last, bare.last),
      data: { gateway: gateway.last, bare: bare.last },
    },
    {
      row,
      what: `${subscribers}: the server's processor time a delivery`,
      ratio: times(gateway.processor / bare.processor),
      seen: `${rounded(gateway.processor)} µs`,
      beside: `bare ws ${rounded(bare.processor)} µs`,
      data: { gateway: gateway.processor, bare: bare.processor },
    },
    {
      row,
      what: `${subscribers}: memory each`,
      ratio: share(gateway.memory.held / 1024 / aim.kibibytes),
      aim: { most: 1 },
      seen: kibibytes(gateway.memory.held),
      beside: `limit ${aim.kibibytes} KiB; bare ws ${kibibytes(bare.memory.held)}; uncollected ${kibibytes(gateway.memory.before)}, ${kibibytes(bare.memory.before)}`,
      data: { gateway: gateway.memory, bare: bare.memory },
    },
  ];
}

/** How many files, and so sockets, a process may have open. */
function openFiles(): number {
  const limit = spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout.trim();
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}
