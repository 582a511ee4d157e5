import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { answers } from './answers.ts';
import { leaveServersCore } from './children.ts';
import { cold } from './cold.ts';
import { changesOf } from './compare.ts';
import { economy } from './economy/economy.ts';
import { fanout } from './fanout/fanout.ts';
import type { Figure } from './figures.ts';
import { growth } from './growth/growth.ts';
import { ingest } from './ingest/ingest.ts';
import { memory } from './memory.ts';
import { misses } from './misses.ts';
import { latest, readResults, writeResults } from './results.ts';
import type { Row } from './run.ts';
import { start } from './start.ts';
import { tableOf } from './table.ts';

const rows: Readonly<Record<string, Row>> = {
  answers,
  misses,
  cold,
  economy,
  fanout,
  ingest,
  growth,
  start,
  memory,
};

class UsageError extends Error {
  override readonly name = 'UsageError';
}

const usage = `Usage: npm run bench -- [${Object.keys(rows).join('] [')}]
  --json FILE      keeps the figures, and draws the chart beside; of all rows without it: ${latest}
  --compare FILE   says what changed since the run that left this file
  --seconds N      how long a measured stretch lasts; default 2
`;

await run(process.argv.slice(2)).catch((error: unknown) => {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  console.error(isUsage ? `${error.message}\n${usage}` : error);
  process.exit(1);
});

async function run(args: string[]): Promise<void> {
  const { wanted, seconds, file, before } = await read(args);
  const machine = {
    cores: `${availableParallelism()} cores`,
    model: cpus()[0]?.model,
    node: `Node ${process.version}`,
  };
  leaveServersCore();
  console.log(`${Object.values(machine).join(', ')}\n`);
  const figures: Figure[] = [];
  for (const [name, measure] of wanted) {
    const startedAt = performance.now();
    figures.push(...(await measure({ seconds, say: (line) => console.log(`  ${name}: ${line}`) })));
    console.log(`  ${name}: done in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  }
  // What rows found out for others stands with those.
  const order = Object.keys(rows);
  figures.sort((a, b) => order.indexOf(a.row) - order.indexOf(b.row));
  console.log(`\n${tableOf(figures)}`);
  if (before !== null) console.log(`\n${changesOf(before.figures, figures)}`);
  if (file !== undefined) await writeResults(file, { machine, figures });
}

async function read(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'string' }, compare: { type: 'string' }, seconds: { type: 'string', default: '2' } },
  });
  const unknown = positionals.filter((name) => !Object.hasOwn(rows, name));
  if (unknown.length > 0) throw new UsageError(`No such row: ${unknown.join(', ')}`);
  const seconds = Number(values.seconds);
  if (!(seconds > 0 && seconds <= 60)) throw new UsageError(`--seconds takes a number up to 60, not ${values.seconds}`);
  const isWhole = positionals.length === 0;
  return {
    wanted: Object.entries(rows).filter(([name]) => isWhole || positionals.includes(name)),
    seconds,
    file: values.json ?? (isWhole ? latest : undefined),
    before: values.compare === undefined ? null : await readResults(values.compare),
  };
}
