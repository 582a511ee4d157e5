import type { ExecutionResult } from 'graphql';

/** One result of a subscription, made once for everybody who is to have it. */
export interface Payload {
  readonly result: ExecutionResult;
  /** The result as JSON, written out once however many callers it goes to. */
  json(): string;
  /** The same in UTF-8, one character a byte. */
  bytes(): string;
  /** What a caller who has had it resumes with; null where it is not yet complete (the first payloads of `trunkStatus` but the last). */
  readonly cursor: string | null;
  /** Milliseconds to wait before coming back, where it is the last of a stream that we end; else null. */
  readonly retryAfter: number | null;
}

/** Why a stream ends that its caller did not end. */
export type EndingCode = 'TOO_SLOW' | 'GOING_AWAY' | 'FORBIDDEN';

/** Takes payloads as they come, without being asked for each: what a WebSocket does. */
export interface Sink {
  /** False where the caller cannot keep up and this payload was not taken: the stream then ends as TOO_SLOW, and nothing more is given. */
  readonly next: (payload: Payload) => boolean;
  /** The stream has failed and this says so: it is taken however much waits, and nothing more is given. */
  last(payload: Payload): void;
  /**
   * The stream ends for a reason of ours; `cursor` is where the caller can go on, `retryAfter` when (ms; null: not at all as it is).
   * Not called where the caller left by itself.
   */
  ended(code: EndingCode, cursor: string | null, retryAfter: number | null): void;
}

/**
 * A caller's subscription. It is pulled as any iterable of results, one at a time; a `Sink` once given gets everything from the
 * moment at which the log has been read to its end, and the iterable then waits, without another result, for the end.
 */
export interface LiveStream extends AsyncIterableIterator<ExecutionResult, undefined> {
  /** As `next`, with what belongs to the result; null at the end. */
  pull(): Promise<Payload | null>;
  deliverTo(sink: Sink): void;
  /** Calls back once, when the log has been read to its end, with the cursor of there: it is true before anything happens. */
  onCaughtUp(then: (cursor: string) => void): void;
  /** Ends it: pulled streams give one last result with the error (`extensions.code`, `cursor`, `retryAfter` in ms), then are done. */
  end(code: EndingCode): void;
  return(): Promise<IteratorReturnResult<undefined>>;
}
