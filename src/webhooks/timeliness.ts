import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** A sender's clock may be ahead by so much, in milliseconds. */
const ahead = 5 * 60_000;
/** DIDfarm drops an event after 24 hours; what is older than this is not of its making. Milliseconds. */
const behind = 25 * 3_600_000;

/** Whether an event says something of now: one of the future, or older than any retry, does not. */
export function isTimely(at: number, receivedAt: number): boolean {
  return at <= receivedAt + ahead && at >= receivedAt - behind;
}

/**
 * Whether an event is no older than what became known at `since`. DIDfarm's timestamps are whole seconds: where both are of the
 * same second, what came in later counts.
 */
export function isNoOlder(at: number, since: number | null | undefined): boolean {
  return since == null || Math.floor(at / 1000) >= Math.floor(since / 1000);
}

/** {@link isTimely} in SQL, over rows of `events`. */
export const timely: RawBuilder<SqlBool> = sql<SqlBool>`at <= received_at + ${sql.lit(ahead)} and at >= received_at - ${sql.lit(behind)}`;
