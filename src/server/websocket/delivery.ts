import { CloseCode } from 'graphql-ws';
import { endingPayload } from '../subscriptions/ending.ts';
import { utf8 } from '../subscriptions/payload.ts';
import type { LiveStream, Payload } from '../subscriptions/stream.ts';
import type { Connection } from './connection.ts';

/**
 * A reader that cannot keep up; the reason is the cursor it goes on from. The protocol closes with the same code for "Too many
 * initialisation requests", which is no cursor.
 */
export const tooSlow = 4429;

/** Bytes that a closing frame has for its reason (RFC 6455, section 5.5). */
const longestReason = 123;

/**
 * Writes a subscription's results to its caller's socket: one after the other those that are there, then those to come, as they come.
 * What graphql-ws pulls has no results and ends with the subscription: it would keep the last one for as long as it waits.
 */
export function deliver(
  stream: LiveStream,
  connection: Connection,
  id: string,
): AsyncIterableIterator<never, undefined> {
  const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  const messageOf = (payload: Payload) => `${head}${payload.json()}}`;
  const sendNext = async () => {
    const payload = await stream.pull();
    if (payload !== null) await connection.send(messageOf(payload));
    return payload !== null;
  };
  // One short message for each subscription that ends: no bound that is worth keeping it from its caller.
  const last = (payload: Payload) => void connection.send(messageOf(payload));

  stream.deliverTo({
    next: connection.push(utf8(head)),
    last,
    ended(code, cursor, retryAfter) {
      if (code === 'FORBIDDEN') connection.close(CloseCode.Forbidden, 'Forbidden');
      else if (code === 'TOO_SLOW') connection.close(tooSlow, reasonOf(cursor));
      else last(endingPayload(code, cursor, retryAfter));
    },
  });
  return {
    async next() {
      let goesOn = true;
      while (goesOn) goesOn = await sendNext();
      return { done: true, value: undefined };
    },
    return: () => stream.return(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function reasonOf(cursor: string | null): string {
  return cursor !== null && Buffer.byteLength(cursor) <= longestReason ? cursor : 'Too slow';
}
