/** What a call is for: the user acts, the user asks, or the gateway refreshes what it holds. Served in that order. */
export type Priority = 'act' | 'ask' | 'refresh';

export interface CallOptions {
  readonly priority: Priority;
  /** Epoch milliseconds by the clock: no attempt and no waiting goes beyond it. */
  readonly deadline: number;
  /** Aborted when the caller is gone. */
  readonly signal?: AbortSignal | undefined;
  /** A request went on the wire for this caller. Of several callers that share a call the first one is told. */
  readonly onSent?: (() => void) | undefined;
}
