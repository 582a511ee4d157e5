import { ask, type Child, startChild } from './children.ts';
import { type Figure, overRounds, rounded, rounds, share, spreadOf } from './figures.ts';
import { freePort } from './free-port.ts';
import { memoryFigure } from './gateway.ts';
import type { Run } from './run.ts';

/** How long it is left alone before its memory is read, in milliseconds. */
const idle = 3_000;
const limit = 1_000;

interface Started {
  readonly milliseconds: number;
  /** Bytes. */
  readonly memory: number;
}

/** `npm start` without a key, sandbox included, from the process' start to the first answer; beside it a bare server. */
export async function start({ say }: Run): Promise<Figure[]> {
  const gateways: Started[] = [];
  const bares: Started[] = [];
  for (let round = 1; round <= rounds; round++) {
    const env = { PORT: String(await freePort()), LOG_LEVEL: 'warn' };
    const gateway = await timed(
      () => startChild(['src/main.ts'], { env, address: /GraphiQL +(\S+)\/graphql\n/ }),
      idle,
    );
    const bare = await timed(() => startChild(['bench/bare-server.ts'], { address: /(http:\S+)\n/ }), 0);
    say(`round ${round}: gateway ${Math.round(gateway.milliseconds)} ms, bare ${Math.round(bare.milliseconds)} ms`);
    gateways.push(gateway);
    bares.push(bare);
  }
  const time = overRounds(gateways.map(({ milliseconds }) => milliseconds));
  const bareTime = overRounds(bares.map(({ milliseconds }) => milliseconds));
  const size = overRounds(gateways.map(({ memory }) => memory));
  return [
    {
      row: 'start',
      what: 'npm start (gateway and sandbox) to the first answered query',
      ratio: share(time.median / limit),
      aim: { most: 1 },
      seen: `${rounded(time.median)} ms`,
      beside: `limit ${limit} ms; bare node:http ${rounded(bareTime.median)} ms`,
      spread: spreadOf(time, bareTime),
      data: { gateway: time, bare: bareTime },
    },
    {
      ...memoryFigure('resident after start, idle, sandbox and GraphiQL included', size.median),
      spread: spreadOf(size),
    },
  ];
}

async function timed(begin: () => Promise<Child>, leftAlone: number): Promise<Started> {
  const startedAt = performance.now();
  const child = await begin();
  try {
    const answer = await ask(child.url, '{ wallet { balance { amount } } trunks(first: 5) { nodes { name } } }');
    const text = await answer.text();
    if (!answer.ok || text.includes('"errors"')) throw new Error(`The first query is not answered: ${text}`);
    const milliseconds = performance.now() - startedAt;
    await new Promise((resolve) => setTimeout(resolve, leftAlone));
    return { milliseconds, memory: child.residentMemory() };
  } finally {
    await child.stop();
  }
}
