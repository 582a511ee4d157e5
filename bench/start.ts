import { ask, type Child, startChild } from './children.ts';
import { type Figure, overRounds, rounded, spreadOf } from './figures.ts';
import { freePort } from './free-port.ts';

const rounds = 3;
/** How long it is left alone before its memory is read, in milliseconds. */
const idle = 3_000;
const target = 2_000;

const megabytes = (bytes: number) => bytes / 1024 / 1024;

interface Started {
  readonly milliseconds: number;
  readonly megabytes: number;
}

/** `npm start` without a key, sandbox included, from the process' start to the first answer; beside it a bare server. */
export async function start(say: (line: string) => void): Promise<Figure[]> {
  const gateways: Started[] = [];
  const bares: Started[] = [];
  for (let round = 1; round <= rounds; round++) {
    const env = { PORT: String(await freePort()), LOG_LEVEL: 'warn' };
    const gateway = await timed(() => startChild(['src/main.ts'], { env, address: /GraphiQL +(\S+)\/graphql\n/ }));
    const bare = await timed(() => startChild(['bench/bare-server.ts'], { address: /(http:\S+)\n/ }));
    say(`round ${round}: gateway ${Math.round(gateway.milliseconds)} ms, bare ${Math.round(bare.milliseconds)} ms`);
    gateways.push(gateway);
    bares.push(bare);
  }
  const times = [gateways, bares].map((started) => overRounds(started.map((each) => each.milliseconds)));
  const memory = [gateways, bares].map((started) => overRounds(started.map((each) => each.megabytes)));
  const [time, bareTime] = times;
  const [size, bareSize] = memory;
  if (!time || !bareTime || !size || !bareSize) return [];
  return [
    {
      row: 'start',
      what: 'npm start (gateway and sandbox) to the first answered query',
      ratio: `${rounded(time.median / bareTime.median)}×`,
      seen: `${rounded(time.median)} ms`,
      beside: `aim < ${target} ms; bare node:http ${rounded(bareTime.median)} ms`,
      spread: spreadOf(time, bareTime),
      data: { gateway: time, bare: bareTime },
    },
    {
      row: 'start',
      what: 'resident memory, idle',
      ratio: `${rounded(size.median / bareSize.median)}×`,
      seen: `${rounded(size.median)} MB`,
      beside: `bare node:http ${rounded(bareSize.median)} MB`,
      spread: spreadOf(size, bareSize),
      data: { gateway: size, bare: bareSize },
    },
  ];
}

async function timed(begin: () => Promise<Child>): Promise<Started> {
  const startedAt = performance.now();
  const child = await begin();
  try {
    const answer = await ask(child.url, '{ wallet { balance { amount } } trunks(first: 5) { nodes { name } } }');
    const text = await answer.text();
    if (!answer.ok || text.includes('"errors"')) throw new Error(`The first query is not answered: ${text}`);
    const milliseconds = performance.now() - startedAt;
    await new Promise((resolve) => setTimeout(resolve, idle));
    return { milliseconds, megabytes: megabytes(child.residentMemory()) };
  } finally {
    await child.stop();
  }
}
