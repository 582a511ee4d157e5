import { CloseCode } from 'graphql-ws';
import { endingPayload } from '../subscriptions/ending.ts';
import type { Sink } from '../subscriptions/stream.ts';
import type { Connection } from './connection.ts';

/**
 * A reader that cannot keep up; the reason is the cursor it goes on from. The protocol closes with the same code for "Too many
 * initialisation requests", which is no cursor.
 */
export const tooSlow = 4429;

/** Bytes that a closing frame has for its reason (RFC 6455, section 5.5). */
const longestReason = 123;

/** Writes a subscription's payloads to its caller's socket as they come. */
export function sinkTo(connection: Connection, id: string): Sink {
  const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  return {
    next: (payload) => connection.push(`${head}${payload.json()}}`),
    ended(code, cursor, retryAfter) {
      if (code === 'FORBIDDEN') return connection.close(CloseCode.Forbidden, 'Forbidden');
      if (code === 'TOO_SLOW') return connection.close(tooSlow, reasonOf(cursor));
      connection.push(`${head}${endingPayload(code, cursor, retryAfter).json()}}`);
    },
  };
}

function reasonOf(cursor: string | null): string {
  return cursor !== null && Buffer.byteLength(cursor) <= longestReason ? cursor : 'Too slow';
}
