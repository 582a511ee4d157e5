import { aimText, type Figure } from './figures.ts';

/** Ratios first, each beside its aim. */
export function tableOf(figures: readonly Figure[]): string {
  return columns([
    ['ratio', 'aim', 'row', 'figure', 'seen', 'limit or peer, same run', 'noise'],
    ...figures.map((figure) => {
      const { ratio, row, what, seen, beside, spread = '' } = figure;
      return [ratio.text, aimText(figure), row, what, seen, beside, spread];
    }),
  ]);
}

export function columns(lines: readonly (readonly string[])[]): string {
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
