import { createSandbox } from '../src/sandbox/sandbox.ts';
import { ask, type Child, dataOf, startBareServer, startChild } from './children.ts';
import { type Figure, overRounds, type Rounds, rounded, rounds, share, spreadOf } from './figures.ts';
import { inFolder } from './folder.ts';
import { freePort } from './free-port.ts';
import { leftAlone, memoryFigure, prepareGateway, profiling } from './gateway.ts';
import { sources } from './programs.ts';
import type { Run } from './run.ts';
import { account } from './site.ts';

const limit = 1_000;

/** From the process' start to the first answered query, in milliseconds; bytes. */
interface Started {
  readonly milliseconds: number;
  readonly memory: number;
}

/** The image before a DIDfarm in another process, and `npm start` with one of its own; beside them a bare server. */
export async function start({ say }: Run): Promise<Figure[]> {
  const seen = { image: [] as Started[], sources: [] as Started[], bare: [] as Started[] };
  // What the first start from the sources leaves compiled is there for every later one.
  await fromSources(false);
  for (let round = 1; round <= rounds; round++) {
    seen.image.push(await fromImage());
    seen.sources.push(await fromSources(true));
    seen.bare.push(await timed(() => startBareServer(), false));
    const lines = Object.entries(seen).map(
      ([name, all]) => `${name} ${rounded(all.at(-1)?.milliseconds ?? Number.NaN)}`,
    );
    say(`round ${round}, in ms: ${lines.join(', ')}`);
  }
  const over = (name: keyof typeof seen, what: keyof Started) => overRounds(seen[name].map((each) => each[what]));
  const bare = over('bare', 'milliseconds');
  const size = over('sources', 'memory');
  return [
    timeFigure('the image to the first answered query', over('image', 'milliseconds'), bare),
    timeFigure('npm start (gateway and sandbox) to the first answered query', over('sources', 'milliseconds'), bare),
    {
      ...memoryFigure('resident after start, idle, sandbox and GraphiQL included', size.median),
      spread: spreadOf(size),
    },
  ];
}

function timeFigure(what: string, time: Rounds, bare: Rounds): Figure {
  return {
    row: 'start',
    what,
    ratio: share(time.median / limit),
    aim: { most: 1 },
    seen: `${rounded(time.median)} ms`,
    beside: `limit ${limit} ms; bare node:http ${rounded(bare.median)} ms`,
    spread: spreadOf(time, bare),
    data: { gateway: time, bare },
  };
}

/** Its file is there, with the owned numbers: a new file would be made first, which takes some 20 ms. */
function fromImage(): Promise<Started> {
  return inFolder(async (folder) => {
    const sandbox = createSandbox(account);
    await sandbox.listen();
    try {
      return await timed(await prepareGateway({ folder, sandbox }), false);
    } finally {
      await sandbox.close();
    }
  });
}

async function fromSources(isLeftAlone: boolean): Promise<Started> {
  const program = await sources();
  const env = { ...program.env, ...profiling(program.env), PORT: String(await freePort()), LOG_LEVEL: 'warn' };
  const options = { env, pinned: true, address: /GraphiQL +(\S+)\/graphql\n/ };
  return timed(() => startChild(program.args, options), isLeftAlone);
}

async function timed(begin: () => Promise<Child>, isLeftAlone: boolean): Promise<Started> {
  const startedAt = performance.now();
  const child = await begin();
  try {
    await dataOf(await ask(child.url, '{ wallet { balance { amount } } trunks(first: 5) { nodes { name } } }'));
    const milliseconds = performance.now() - startedAt;
    if (isLeftAlone) await leftAlone();
    return { milliseconds, memory: child.residentMemory() };
  } finally {
    await child.stop();
  }
}
