/** What a call is for: the user acts, the user asks, or the gateway refreshes what it holds. Served in that order. */
export type Priority = 'act' | 'ask' | 'refresh';

/** Somebody a call is made for, with their part of the account's ration. */
export interface Spender {
  /** Tells them from the account's others: each has a turn of their own. */
  readonly name: string;
  /** Requests that they may have sent in any minute. */
  readonly perMinute: number;
  /** Requests of theirs that may be under way at once. */
  readonly atOnce: number;
}

export interface CallOptions {
  readonly priority: Priority;
  /** Epoch milliseconds by the clock: no attempt and no waiting goes beyond it. */
  readonly deadline: number;
  /** Aborted when the caller is gone. */
  readonly signal?: AbortSignal | undefined;
  /** Whose part of the ration it is taken from. Without one it is the gateway's own call, which only the account's ration bounds. */
  readonly spender?: Spender | undefined;
  /** A request went on the wire for this caller. Of several callers that share a call the first one is told. */
  readonly onSent?: (() => void) | undefined;
}
