import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** One clock may be ahead of another by so much, in milliseconds. */
const ahead = 5 * 60_000;
/** DIDfarm drops an event after 24 hours; what is older than this is not of its making. Milliseconds. */
const behind = 25 * 3_600_000;

/** The moment that an event is ordered by: its own, or for one of the future the moment at which it came in. */
export function countedAt(at: number, receivedAt: number): number {
  return at > receivedAt + ahead ? receivedAt : at;
}

/** What counts from `at`, or from later in its second on, came in no earlier than this. */
export function earliestReceipt(at: number): number {
  return at - ahead - 1_000;
}

/** Whether an event says something of now: one older than any retry does not. */
export function isTimely(at: number, receivedAt: number): boolean {
  return at >= receivedAt - behind;
}

/** EventTimeliness of the graph. */
export type Timeliness = 'TIMELY' | 'FUTURE' | 'OLD';

export function timelinessOf(at: number, receivedAt: number): Timeliness {
  if (countedAt(at, receivedAt) !== at) return 'FUTURE';
  return isTimely(at, receivedAt) ? 'TIMELY' : 'OLD';
}

/** Since when something is known; null for a moment to come, stamped by a clock that was put back since: it may be of any age. */
export function knownSince(since: number | null | undefined, now: number): number | null {
  return since == null || since > now + ahead ? null : since;
}

/**
 * Whether an event is no older than what became known at `since`. DIDfarm's timestamps are whole seconds: where both are of the
 * same second, what came in later counts.
 */
export function isNoOlder(at: number, since: number | null | undefined, now: number): boolean {
  const known = knownSince(since, now);
  return known === null || Math.floor(at / 1000) >= Math.floor(known / 1000);
}

/** Whether an event is older than what was seen at `seen`, even by a clock that is behind. */
export function isCertainlyOlder(at: number, seen: number | null | undefined, now: number): boolean {
  const known = knownSince(seen, now);
  return known !== null && at <= known - ahead;
}

/**
 * {@link countedAt} in SQL, over rows of `events`. What a listing showed counts from the beginning of its second: DIDfarm's timestamps
 * are whole seconds, and an event of that second which came in later is the newer of the two.
 */
export const counted: RawBuilder<number> = sql<number>`case
  when source = 'RECONCILED' then at - at % 1000
  when at > received_at + ${sql.lit(ahead)} then received_at
  else at end`;

/** {@link isTimely} in SQL, over rows of `events`. */
export const timely: RawBuilder<SqlBool> = sql<SqlBool>`at >= received_at - ${sql.lit(behind)}`;
