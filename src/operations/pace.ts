import type { Source } from './evidence.ts';

/** A call for which a listing is read again and again. */
export interface Sought {
  readonly source: Source | null;
  /** When its outcome was lost, or was judged, or something was last told of it, epoch milliseconds. */
  readonly at: number;
  /** `lost`: nobody knows. `looked`: likewise, and it was looked for often enough to say that it was not done. `not-done`: judged so. */
  readonly state: 'lost' | 'looked' | 'not-done';
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** After so long a call is no longer looked for as one that was lost just now. Milliseconds. */
const fresh = 2 * minute;

/** Of several calls that are lost one after the other, a look for one is a look for all. Milliseconds. */
const apart = 5_000;

/** How long to wait before the listing is read anew; null: no more. Milliseconds. */
function pause(state: Sought['state'], age: number): number | null {
  if (state === 'not-done') return age < day ? hour : null;
  if (age < fresh) return 15_000;
  if (age < hour) return minute;
  if (age < day) return 10 * minute;
  return state === 'lost' ? hour : null;
}

/** When a listing is to be read for a call next: at once after the loss, and where that did not tell, again and again. */
export function dueAt(sought: Sought, { read, asked, now }: { read: number; asked: number; now: number }): number {
  // Where the clock was put back, what it said before tells no age.
  const at = sought.at <= now ? sought.at : now - fresh;
  const told = (moment: number) => (moment <= now ? moment : Number.NEGATIVE_INFINITY);
  const [lastRead, lastAsked] = [told(read), told(asked)];
  const wait = pause(sought.state, now - at);
  if (wait === null) return Number.POSITIVE_INFINITY;
  if (sought.state === 'not-done') return Math.max(lastRead, lastAsked, at) + wait;
  return lastRead <= at && lastAsked < at ? Math.max(at, lastAsked + apart) : Math.max(lastRead, lastAsked) + wait;
}
