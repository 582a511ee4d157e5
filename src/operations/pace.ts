import type { Source } from './evidence.ts';

/** A call for which a listing is read again and again. */
export interface Sought {
  readonly source: Source | null;
  /** When its outcome was lost, or was judged, epoch milliseconds. */
  readonly at: number;
  /** `lost`: nobody knows. `looked`: likewise, and it was looked for often enough to say that it was not done. `not-done`: judged so. */
  readonly state: 'lost' | 'looked' | 'not-done';
}

const minute = 60_000;
const day = 1440 * minute;

/** How long to wait before the listing is read anew; null: no more. Milliseconds. */
function pause({ at, state }: Sought, now: number): number | null {
  const age = now - at;
  if (state === 'not-done') return age < day ? 60 * minute : null;
  if (age < 2 * minute) return 15_000;
  if (age < 60 * minute) return minute;
  return age < day || state === 'lost' ? 10 * minute : null;
}

/** When a listing is to be read for a call next: at once after the loss, and where that did not tell, again and again. */
export function dueAt(sought: Sought, { read, asked, now }: { read: number; asked: number; now: number }): number {
  const wait = pause(sought, now);
  if (wait === null) return Number.POSITIVE_INFINITY;
  if (sought.state === 'not-done') return Math.max(read, asked, sought.at) + wait;
  return read <= sought.at && asked < sought.at ? sought.at : Math.max(read, asked) + wait;
}
