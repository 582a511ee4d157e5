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
  let bytes: string | null = null;
  let cursor: string | null = null;
  const text = () => {
    json ??= JSON.stringify(result);
    return json;
  };
  return {
    result,
    seq,
    retryAfter,
    json: text,
    bytes() {
      bytes ??= utf8(text());
      return bytes;
    },
    get cursor() {
      if (seq !== null) cursor ??= cursorOf?.(seq) ?? null;
      return cursor;
    },
  };
}

/** A text in UTF-8, one character a byte: as sockets take it with the least ado. */
export function utf8(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length === text.length ? text : bytes.toString('latin1');
}
