import type { ExecutionResult } from 'graphql';
import type { Payload } from './stream.ts';

/** A payload with its place in the log; null where nobody can go on from it. */
export interface PlacedPayload extends Payload {
  readonly seq: number | null;
}

interface PayloadOptions {
  readonly seq?: number | null;
  readonly cursorOf?: (seq: number) => string;
  readonly retryAfter?: number | null;
}

export function createPayload(result: ExecutionResult, options: PayloadOptions = {}): PlacedPayload {
  const { seq = null, cursorOf, retryAfter = null } = options;
  let json: string | null = null;
  let cursor: string | null = null;
  return {
    result,
    seq,
    retryAfter,
    json() {
      json ??= JSON.stringify(result);
      return json;
    },
    get cursor() {
      if (seq !== null) cursor ??= cursorOf?.(seq) ?? null;
      return cursor;
    },
  };
}
