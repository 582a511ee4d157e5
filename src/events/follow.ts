import type { Scope } from '../access/viewer.ts';
import type { Storage } from '../storage/database.ts';
import type { Condition } from '../storage/pages.ts';
import type { EventRow } from '../storage/tables.ts';
import type { Waiter } from './bus.ts';
import { lastSeq, readEvents } from './log.ts';

/** Held at once by one reader, however far behind it is. */
const batchSize = 100;

/**
 * The events after `after`, in order and each once: first those in the log, then those to come, without a seam between.
 * Ends when the waiter is closed. What the conditions leave out is passed over for good, and not read again with every wake.
 */
export async function* followLog(
  storage: Storage,
  scope: Scope,
  conditions: readonly Condition[],
  after: number,
  waiter: Waiter,
): AsyncGenerator<EventRow, void, undefined> {
  let position = after;
  for (;;) {
    // Numbers appear in their order, so nothing up to the newest can still be on its way.
    const newest = Math.max(position, await lastSeq(storage.db, scope.account));
    const batch = await readEvents(storage, scope, conditions, { after: position, upTo: newest, limit: batchSize });
    for (const event of batch.rows) {
      position = event.seq;
      yield event;
    }
    if (batch.more) continue;
    position = newest;
    if (!(await waiter.woken())) return;
  }
}
