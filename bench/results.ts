import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { chartOf } from './chart.ts';
import type { Figure } from './figures.ts';

/** What one run of the benchmarks leaves, to be compared with others. */
export interface Results {
  readonly machine: Readonly<Record<string, unknown>>;
  readonly figures: readonly Figure[];
}

/** Where a whole run leaves its figures. */
export const latest = 'bench/results/latest.json';

/** Writes the figures, and beside them the chart that is drawn from them. */
export async function writeResults(file: string, results: Results): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(file.replace(/(\.json)?$/, '.svg'), chartOf(results.machine, results.figures));
}

/** @throws Error where the file is none of ours. */
export async function readResults(file: string): Promise<Results> {
  const results = JSON.parse(await readFile(file, 'utf8')) as Partial<Results>;
  if (!results.machine || !Array.isArray(results.figures)) throw new Error(`${file} holds no figures of a run`);
  return { machine: results.machine, figures: results.figures };
}
