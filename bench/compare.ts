import { type Figure, percent } from './figures.ts';
import { columns } from './table.ts';

/**
 * How ratios changed from one run to another. Ratios, since both runs had their own peers and limits beside them: on another machine
 * times would tell about the machine.
 */
export function changesOf(before: readonly Figure[], after: readonly Figure[]): string {
  const known = new Map(before.map((figure) => [nameOf(figure), figure]));
  const lines = after.flatMap((figure) => {
    const past = known.get(nameOf(figure));
    return past === undefined ? [] : [lineOf(past, figure)];
  });
  const added = after.filter((figure) => !known.has(nameOf(figure)));
  return [
    columns([['change', 'row', 'figure', 'before', 'after', 'noise'], ...lines]),
    ...added.map((figure) => `new: ${nameOf(figure)} ${figure.ratio.text}`),
  ].join('\n');
}

const nameOf = ({ row, what }: Figure) => `${row}: ${what}`;

function lineOf(past: Figure, figure: Figure): string[] {
  const change = figure.ratio.value / past.ratio.value - 1;
  const text = Number.isFinite(change) ? `${change > 0 ? '+' : ''}${percent(change)}` : '';
  const noise = [past.spread, figure.spread].filter((spread) => spread !== undefined).join(', ');
  return [text, figure.row, figure.what, past.ratio.text, figure.ratio.text, noise];
}
