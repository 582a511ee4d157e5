import type { Waiter } from '../events/bus.ts';
import { followLog, LogTrimmedError } from '../events/follow.ts';
import { type Context, renewContext } from '../graph/context.ts';
import { cursorExpired } from '../graph/errors.ts';
import type { Condition } from '../storage/pages.ts';
import type { EventRow } from '../storage/tables.ts';
import { eventCursor } from './listing.ts';

/** The events of the viewer's part of the log after `after` that meet the conditions: those that are there, then those to come. */
export type Follow = (conditions: readonly Condition[], after: number) => AsyncIterable<EventRow>;

/**
 * A subscription's source: what `produce` makes of the log, each payload with loaders of its own. It ends when it is told to or when
 * the caller is gone, also while it waits for an event that may never come, and then leaves nothing behind; and where its place is
 * not to wait, at the end of the log.
 */
export function live<T>(
  context: Context,
  produce: (follow: Follow) => AsyncIterable<T>,
): AsyncIterableIterator<T, undefined> {
  const { account, scope, bus, place } = context;
  const gone = context.use.signal;
  let waiter: Waiter | null = null;
  const end = () => waiter?.close();

  async function* run(): AsyncGenerator<T, undefined> {
    if (gone?.aborted) return undefined;
    const opened = place.atEnd === 'wait' ? bus.waiter(scope.account) : null;
    waiter = opened;
    gone?.addEventListener('abort', end, { once: true });
    try {
      const payloads = produce((conditions, after) =>
        followLog(account.storage, scope, conditions, { after, waiter: opened, place }),
      );
      for await (const payload of payloads) {
        renewContext(context);
        yield payload;
      }
    } catch (error) {
      throw error instanceof LogTrimmedError ? cursorExpired('after', eventCursor(context, error.oldest - 1)) : error;
    } finally {
      gone?.removeEventListener('abort', end);
      end();
    }
    return undefined;
  }

  const source = run();
  return {
    next: () => source.next(),
    async return() {
      // A generator that waits hears of its end only when it is woken.
      end();
      return source.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
