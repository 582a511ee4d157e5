import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Payload } from '../subscriptions/stream.ts';
import { textFrame } from './frame.ts';

/** Bytes that may wait for one caller to read them. */
export const mostBuffered = 1024 * 1024;

/** Sends without waiting; false where too much waits already, and then nothing is sent. */
export type Push = (payload: Payload) => boolean;

/**
 * Sends payloads as messages that begin with `head` (UTF-8, one character a byte). A frame goes to the connection as one piece, which
 * costs less than the two of `ws`. None gets into another: without compression `ws` too writes whole ones at once.
 */
export function createPush(socket: WebSocket, wire: Socket, head: string): Push {
  return (payload) => {
    if (socket.readyState !== socket.OPEN) return true;
    if (wire.writableLength > mostBuffered) return false;
    wire.write(textFrame(`${head}${payload.bytes()}}`), 'latin1');
    return true;
  };
}
