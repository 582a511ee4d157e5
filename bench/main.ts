import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { economy } from './economy/economy.ts';
import { fanout } from './fanout/fanout.ts';
import { type Figure, tableOf, writeFigures } from './figures.ts';
import { growth } from './growth/growth.ts';
import { ingest } from './ingest/ingest.ts';
import { queries } from './queries.ts';
import { start } from './start.ts';

/** Measures one subject; `say` tells on the way what is going on. */
type Row = (say: (line: string) => void) => Promise<readonly Figure[]>;

const rows: Readonly<Record<string, Row>> = { economy, queries, growth, ingest, start, fanout };

class UsageError extends Error {
  override readonly name = 'UsageError';
}

const usage = `Usage: npm run bench -- [${Object.keys(rows).join('] [')}] [--json FILE]\n`;

await run(process.argv.slice(2)).catch((error: unknown) => {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  console.error(isUsage ? `${error.message}\n${usage}` : error);
  process.exitCode = 1;
});

async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: { type: 'string' } } });
  const unknown = positionals.filter((name) => !Object.hasOwn(rows, name));
  if (unknown.length > 0) throw new UsageError(`No such row: ${unknown.join(', ')}`);

  const machine = { cores: availableParallelism(), model: cpus()[0]?.model ?? 'unknown', node: process.version };
  console.log(`${machine.cores} cores, ${machine.model}, Node ${machine.node}\n`);
  const figures: Figure[] = [];
  for (const [name, measure] of Object.entries(rows)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const startedAt = performance.now();
    figures.push(...(await measure((line) => console.log(`  ${name}: ${line}`))));
    console.log(`  ${name}: done in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  }
  console.log(`\n${tableOf(figures)}`);
  if (values.json !== undefined) await writeFigures(values.json, machine, figures);
}
