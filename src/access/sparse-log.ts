import type { Clock } from '../clock.ts';
import type { AccessLog } from './credentials.ts';

const pause = 60_000;

/** Warns of each kind of thing once a minute at most: callers could otherwise fill the log. Kinds are few, and fixed in the code. */
export function createSparseWarning(clock: Clock, log: AccessLog) {
  const lastAt = new Map<string, number>();
  return (kind: string, fields: object, message: string): void => {
    const now = clock.now();
    if (now - (lastAt.get(kind) ?? Number.NEGATIVE_INFINITY) < pause) return;
    lastAt.set(kind, now);
    log.warn(fields, message);
  };
}
