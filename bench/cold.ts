import { createSandbox, type Sandbox } from '../src/sandbox/sandbox.ts';
import { ask, type Child, dataOf } from './children.ts';
import { dashboard } from './documents.ts';
import { type Figure, overRounds, type Rounds, rounded, rounds, spreadOf, times } from './figures.ts';
import { inFolder } from './folder.ts';
import { figuresOfRest, startGateway } from './gateway.ts';
import { startPeers } from './peers.ts';
import type { Run } from './run.ts';
import { account } from './site.ts';

/** DIDfarm takes so long for a call, in milliseconds: nobody who has nothing local can be faster. */
const latency = 25;
const viewers = { one: 1, many: 50 };

/** What the first viewers of a server that has just been started met with. */
interface First {
  /** Milliseconds to the last of the answers. */
  readonly waited: number;
  /** Calls of DIDfarm from the server's start to then. */
  readonly calls: number;
}

type Seen = Map<string, { one: First[]; many: First[] }>;

/** Nothing is local: each server is started anew and asked at once, by one viewer and by fifty at the same moment. */
export async function cold({ say }: Run): Promise<Figure[]> {
  const seen: Seen = new Map();
  let rest: Figure[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const kind of ['one', 'many'] as const) {
      const note = (name: string, first: First) => {
        const of = seen.get(name) ?? { one: [], many: [] };
        of[kind].push(first);
        seen.set(name, of);
      };
      rest = await withSandbox((sandbox, folder) => firstOfGateway(sandbox, folder, viewers[kind], note));
      await withSandbox((sandbox) => firstOfPeers(sandbox, viewers[kind], say, note));
    }
    const lines = [...seen].map(([name, { one, many }]) => `${name} ${spelt(one)}, ${spelt(many)}`);
    say(`round ${round}, one viewer and ${viewers.many}: ${lines.join('; ')}`);
  }
  return [...figuresOf(seen, 'one', 'the first viewer'), ...figuresOf(seen, 'many', 'fifty first viewers'), ...rest];
}

const spelt = (firsts: readonly First[]) => `${rounded(firsts.at(-1)?.waited ?? Number.NaN)} ms`;

function withSandbox<T>(work: (sandbox: Sandbox, folder: string) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const sandbox = createSandbox(account);
    sandbox.control.faults.add({ kind: 'latency', latency });
    await sandbox.listen();
    return work(sandbox, folder).finally(() => sandbox.close());
  });
}

type Note = (name: string, first: First) => void;

async function firstOfGateway(sandbox: Sandbox, folder: string, count: number, note: Note): Promise<Figure[]> {
  const gateway = await startGateway({ folder, sandbox });
  try {
    await gateway.watched();
    note('gateway', await first(sandbox, gateway, count));
    return await figuresOfRest('cold', gateway);
  } finally {
    await gateway.stop();
  }
}

async function firstOfPeers(sandbox: Sandbox, count: number, say: Run['say'], note: Note): Promise<void> {
  const peers = await startPeers(sandbox, say);
  try {
    for (const [name, peer] of peers) {
      sandbox.control.resetCalls();
      note(name, await first(sandbox, peer, count));
    }
  } finally {
    for (const peer of peers.values()) await peer.stop();
  }
}

async function first({ control }: Sandbox, { url }: Child, count: number): Promise<First> {
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: count }, async () => dataOf(await ask(url, dashboard))));
  return { waited: performance.now() - startedAt, calls: control.calls().total };
}

function figuresOf(seen: Seen, kind: 'one' | 'many', what: string): Figure[] {
  const waits = new Map([...seen].map(([name, of]) => [name, overRounds(of[kind].map(({ waited }) => waited))]));
  const calls = [...seen].map(([name, of]) => `${name} ${overRounds(of[kind].map((each) => each.calls)).median}`);
  const gateway = waits.get('gateway');
  if (!gateway) return [];
  const others = [...waits].filter(([name]) => name !== 'gateway');
  const milliseconds = ([name, { median }]: readonly [string, Rounds]) => `${name} ${rounded(median)} ms`;
  return [
    {
      row: 'cold',
      what: `${what}: to the last answer`,
      ratio: times(gateway.median / latency),
      seen: `${rounded(gateway.median)} ms`,
      beside: [`one call ${latency} ms`, ...others.map(milliseconds), `calls: ${calls.join(', ')}`].join('; '),
      spread: spreadOf(gateway),
      data: { calls, ...Object.fromEntries(waits) },
    },
  ];
}
