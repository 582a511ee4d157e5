import type { Figure } from './figures.ts';

/** What every row is given. */
export interface Run {
  /** Tells on the way what is going on. */
  say(line: string): void;
  /** How long a measured stretch lasts, in seconds; where time is driven, or something is timed once, it means nothing. */
  readonly seconds: number;
}

/** Measures one subject; the figures may belong to others as well, such as to `memory`. */
export type Row = (run: Run) => Promise<readonly Figure[]>;
