import type { Scope } from '../access/viewer.ts';
import type { Storage } from '../storage/database.ts';
import type { Condition, RowPage } from '../storage/pages.ts';
import { StorageError } from '../storage/storage-error.ts';
import type { EventRow } from '../storage/tables.ts';
import type { Waiter } from './bus.ts';
import { firstSeq, lastSeq, readEvents } from './log.ts';

/** Held at once by one reader, however far behind it is. */
const batchSize = 100;

/** The log no longer has what a slow reader was to be given next; `oldest` is the first that it still has. */
export class LogTrimmedError extends Error {
  override readonly name = 'LogTrimmedError';
  readonly oldest: number;

  constructor(oldest: number) {
    super(`The log begins at ${oldest}`);
    this.oldest = oldest;
  }
}

/** A reading of the log: where it begins, what wakes it at the end (null: it ends there), and what it moves as it goes on. */
export interface Reading {
  readonly after: number;
  readonly waiter: Waiter | null;
  /** Its `seq` is always the last that was given out or passed over, and is set before an event is given out. */
  readonly place: { seq: number | null };
}

/**
 * The events after `after`, in order and each once: first those in the log, then those to come, without a seam between.
 * Ends when the waiter is closed. What the conditions leave out is passed over for good, and not read again with every wake.
 * @throws LogTrimmedError
 */
export async function* followLog(
  storage: Storage,
  scope: Scope,
  conditions: readonly Condition[],
  { after, waiter, place }: Reading,
): AsyncGenerator<EventRow, void, undefined> {
  let position = after;
  for (;;) {
    const found = await look(storage, scope, conditions, position).catch((error: unknown) => {
      if (waiter !== null && isAway(error)) return null;
      throw error;
    });
    for (const event of found?.rows ?? []) {
      position = event.seq;
      place.seq = position;
      yield event;
    }
    if (found?.more) continue;
    position = found?.newest ?? position;
    place.seq = position;
    if (waiter === null || !(await waiter.woken())) return;
  }
}

/** What comes next behind a position. @throws LogTrimmedError */
async function look(
  storage: Storage,
  scope: Scope,
  conditions: readonly Condition[],
  position: number,
): Promise<RowPage<EventRow> & { readonly newest: number }> {
  // Numbers appear in their order, so nothing up to the newest can still be on its way.
  const newest = Math.max(position, await lastSeq(storage.db, scope.account));
  const page = await readEvents(storage, scope, conditions, { after: position, upTo: newest, limit: batchSize });
  // The log lets go of a beginning alone, so where the very next one is there, all are.
  const whole = newest === position || page.rows[0]?.seq === position + 1;
  // Asked after the reading, which may have come too late.
  const oldest = whole ? null : await firstSeq(storage.db, scope.account);
  if (oldest !== null && oldest > position + 1) throw new LogTrimmedError(oldest);
  return { ...page, newest };
}

/** A database that comes back by itself: the next wake, which comes with the next heartbeat at the latest, looks again. */
function isAway(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'UNREACHABLE';
}
