/** One line of the table. Every text is as it is printed. */
export interface Figure {
  readonly row: string;
  /** What was counted or timed; with the row its name from run to run, so no figure is in it. */
  readonly what: string;
  /** The figure over its peer, or as a share of its limit, measured in the same run. */
  readonly ratio: Ratio;
  /** What the ratio should be. */
  readonly aim?: Aim;
  readonly seen: string;
  /** The limit, or the peer's own figure. */
  readonly beside: string;
  readonly spread?: string;
  /** Answers a second of each that was asked the same, for the chart. */
  readonly rates?: Readonly<Record<string, number>>;
  /** What the file keeps of the rounds. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Ratio {
  readonly value: number;
  readonly text: string;
}

export type Aim = { readonly least: number } | { readonly most: number };

/** What several rounds of one measurement gave. */
export interface Rounds {
  readonly median: number;
  /** From the lowest round to the highest, as a share of the median: how much the machine's noise moves the figure. */
  readonly spread: number;
  readonly rounds: readonly number[];
}

/** How often everything is measured, in turns. */
export const rounds = 3;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export function overRounds(values: readonly number[]): Rounds {
  const middle = median(values);
  return { median: middle, spread: (Math.max(...values) - Math.min(...values)) / middle, rounds: values };
}

/** Three significant digits: more would be noise. */
export function rounded(value: number): string {
  if (value !== 0 && Math.abs(value) < 1) return Number(value.toPrecision(2)).toString();
  return Number(value.toPrecision(3)).toLocaleString('en');
}

export function percent(share: number): string {
  return `${rounded(share * 100)}%`;
}

export const times = (value: number): Ratio => ({ value, text: `${rounded(value)}×` });
export const share = (value: number): Ratio => ({ value, text: percent(value) });

/** The widest spread of those that a ratio was made of. */
export function spreadOf(...measured: readonly Rounds[]): string {
  return `±${percent(Math.max(...measured.map(({ spread }) => spread)) / 2)}`;
}

/** How far beyond its aim a ratio is: from 1 on it is met. */
export function reached({ value }: Ratio, aim: Aim): number {
  if ('least' in aim) return value / aim.least;
  return value === 0 ? Number.POSITIVE_INFINITY : aim.most / value;
}

/** In the ratio's own way of writing. */
export function aimText({ ratio, aim }: Figure): string {
  if (aim === undefined) return '';
  const write = ratio.text.endsWith('%') ? percent : (value: number) => times(value).text;
  const wanted = 'least' in aim ? `≥ ${write(aim.least)}` : `≤ ${write(aim.most)}`;
  return `${wanted} ${reached(ratio, aim) >= 1 ? 'met' : 'MISSED'}`;
}
