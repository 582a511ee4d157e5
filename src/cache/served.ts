import { nextRefresh } from './freshness.ts';
import { type Entry, type Place, touchOf } from './known-values.ts';
import { isRecorded, noteFresh, noteTouch, noteUnkeepable } from './reading.ts';
import type { KnownValue } from './snapshot-rows.ts';

/**
 * Notes that an answer shows this value. To be called in the tick in which `entry` is what is known of it.
 * @param fresh for how long it is fresh now, in milliseconds.
 */
export function noteServed(
  place: Place,
  served: KnownValue & { readonly stale: boolean },
  entry: Entry | undefined,
  fresh: () => number,
): void {
  if (!isRecorded()) return;
  noteTouch(touchOf(place));
  if (served.stale) noteUnkeepable('stale');
  // Whoever waited for a refresh is a moment behind it.
  else if (entry === undefined || entry.value !== served.value || entry.due) noteUnkeepable('learnt anew meanwhile');
  else noteFresh(nextRefresh(entry, fresh()), entry.asOf + place.policy.bound);
}
