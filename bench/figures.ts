import { writeFile } from 'node:fs/promises';

/** One line of the table. Every field is text as it is printed; `data` is what `--json` keeps. */
export interface Figure {
  readonly row: string;
  /** What was counted or timed. */
  readonly what: string;
  /** The figure over its peer, or as a share of its limit, measured in the same run. */
  readonly ratio: string;
  readonly seen: string;
  /** The limit, or the peer's own figure. */
  readonly beside: string;
  readonly spread?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What several rounds of one measurement gave. */
export interface Rounds {
  readonly median: number;
  /** From the lowest round to the highest, as a share of the median: how much the machine's noise moves the figure. */
  readonly spread: number;
  readonly rounds: readonly number[];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export function overRounds(rounds: readonly number[]): Rounds {
  const middle = median(rounds);
  return { median: middle, spread: (Math.max(...rounds) - Math.min(...rounds)) / middle, rounds };
}

/** Three significant digits: more would be noise. */
export function rounded(value: number): string {
  if (value !== 0 && Math.abs(value) < 1) return Number(value.toPrecision(2)).toString();
  return Number(value.toPrecision(3)).toLocaleString('en');
}

export function percent(share: number): string {
  return `${rounded(share * 100)}%`;
}

/** The widest spread of those that a ratio was made of. */
export function spreadOf(...measured: readonly Rounds[]): string {
  return `±${percent(Math.max(...measured.map(({ spread }) => spread)) / 2)}`;
}

/** Ratios first. */
export function tableOf(figures: readonly Figure[]): string {
  const lines = [
    ['ratio', 'row', 'figure', 'seen', 'limit or peer, same run', 'noise'],
    ...figures.map(({ ratio, row, what, seen, beside, spread }) => [ratio, row, what, seen, beside, spread ?? '']),
  ];
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export async function writeFigures(file: string, machine: object, figures: readonly Figure[]): Promise<void> {
  await writeFile(file, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
}
