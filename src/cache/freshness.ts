/** How old a snapshot may be, in milliseconds. */
export interface SnapshotPolicy {
  /** `wallet`, `trunks`, `transactions`, `search`. */
  readonly resource: string;
  /** Younger is served without a call. */
  readonly fresh: number;
  /** Older is never served while DIDfarm answers: the reader waits. */
  readonly bound: number;
}

/** What is left of an account's upstream calls this minute. */
export interface BudgetState {
  readonly limitPerMinute: number;
  readonly remaining: number;
}

/** `fresh`: served. `due`: served, and refreshed behind it. `expired`: the reader waits for a refresh. */
export type Freshness = 'fresh' | 'due' | 'expired';

/** From this share of the budget down, the gateway slows down before it fails. */
const ample = 1 / 2;

/** The policy's `fresh`, growing evenly to its `bound` as the rest of the budget falls from half to nothing. */
export function widenedFresh({ fresh, bound }: SnapshotPolicy, { limitPerMinute, remaining }: BudgetState): number {
  const share = limitPerMinute > 0 ? remaining / limitPerMinute : 0;
  const drained = Math.min(1, Math.max(0, (ample - share) / ample));
  return fresh + Math.max(0, bound - fresh) * drained;
}

/** A snapshot of the future says nothing of its age (the clock was put back), so it has expired. */
export function freshnessOf(
  snapshot: { readonly asOf: number; readonly due: boolean },
  { fresh, bound }: Pick<SnapshotPolicy, 'fresh' | 'bound'>,
  now: number,
): Freshness {
  const age = now - snapshot.asOf;
  if (snapshot.due || age < 0 || age > bound) return 'expired';
  return age < fresh ? 'fresh' : 'due';
}

/** The refreshes of one snapshot that failed since the last that did not. */
export interface Failure {
  readonly at: number;
  readonly wait: number;
  readonly count: number;
}

/** The wait before the next attempt: `fresh`, doubled with every failure up to `bound`; longer where DIDfarm says so. */
export function failedAgain(previous: Failure | null, policy: SnapshotPolicy, error: unknown, now: number): Failure {
  const count = (previous?.count ?? 0) + 1;
  const doubled = Math.min(policy.fresh * 2 ** (count - 1), Math.max(policy.fresh, policy.bound));
  return { at: now, wait: Math.max(doubled, retryAfter(error)), count };
}

/** When a reader of the snapshot would next have it refreshed, in epoch milliseconds; a failure puts that off. */
export function nextRefresh(
  { asOf, failure }: { readonly asOf: number; readonly failure: Failure | null },
  fresh: number,
): number {
  return Math.max(asOf + fresh, failure === null ? 0 : failure.at + failure.wait);
}

/** Also where the clock was put back behind the failure. */
export function mayTryAgain(failure: Failure | null, now: number): boolean {
  return failure === null || now >= failure.at + failure.wait || now < failure.at;
}

function retryAfter(error: unknown): number {
  const given = error instanceof Error && 'retryAfterMilliseconds' in error ? error.retryAfterMilliseconds : 0;
  return typeof given === 'number' && Number.isFinite(given) ? given : 0;
}
