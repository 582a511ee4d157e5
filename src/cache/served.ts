import { nextRefresh } from './freshness.ts';
import { type Entry, type Place, valueIn } from './known-values.ts';
import { type Bounds, isRecorded, noteBounds, noteTouch, noteUnkeepable } from './reading.ts';
import type { KnownValue } from './snapshot-rows.ts';

/** What is not known any more stands for nothing. */
const over: Bounds = { until: Number.NEGATIVE_INFINITY, expires: Number.NEGATIVE_INFINITY };

/**
 * Notes that an answer shows this value. To be called in the tick in which it is served.
 * @param known what is known of it now, whenever it is called.
 * @param fresh for how long it is fresh then, in milliseconds.
 */
export function noteServed(
  place: Place,
  served: KnownValue & { readonly stale: boolean },
  known: () => Entry | undefined,
  fresh: () => number,
): void {
  if (!isRecorded()) return;
  noteTouch(valueIn(place));
  const entry = known();
  if (served.stale) noteUnkeepable('stale');
  // Whoever waited for a refresh is a moment behind it.
  else if (entry === undefined || entry.value !== served.value || entry.due) noteUnkeepable('learnt anew meanwhile');
  else noteBounds(place.id, () => boundsOf(place, known(), fresh));
}

function boundsOf({ policy }: Place, entry: Entry | undefined, fresh: () => number): Bounds {
  if (entry === undefined) return over;
  return { until: nextRefresh(entry, fresh()), expires: entry.asOf + policy.bound };
}
