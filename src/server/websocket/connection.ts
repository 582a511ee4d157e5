import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Cancel, Clock } from '../../clock.ts';
import type { Handshake } from './handshake.ts';
import type { Mortal } from './keep-alive.ts';
import { createPush, mostBuffered, type Push } from './push.ts';

/** How long a caller may take to close its end as well, in milliseconds. */
export const closingTime = 5_000;

/** A caller's socket. */
export interface Connection extends Mortal {
  /** With the caller's authorization, once `connection_init` has brought it. */
  handshake: Handshake;
  /** An operation begins; the signal aborts when nobody waits for it any more. */
  begin(id: string): AbortSignal;
  end(id: string): void;
  endAll(): void;
  isIdle(): boolean;
  /** Resolves when the bytes are on their way, so that whoever asks for the next result waits for a slow reader. */
  send(text: string): Promise<void>;
  /** Sends payloads as messages that begin like this, without waiting. */
  push(head: string): Push;
  /** Cuts the socket where the caller does not close its end in time. */
  close(code: number, reason?: string): void;
  /** Says that the last ping was answered. */
  answered(): void;
}

/** What is sent after the closing has begun goes nowhere: the caller is told by the closing. */
export function createConnection(socket: WebSocket, wire: Socket, handshake: Handshake, clock: Clock): Connection {
  const operations = new Map<string, AbortController>();
  let isAlive = true;
  let cancelCut: Cancel | null = null;
  const isOpen = () => socket.readyState === socket.OPEN;
  /** A caller who asks faster than it reads is not listened to until it has read. */
  const sent = () => {
    if (socket.isPaused && socket.bufferedAmount <= mostBuffered) socket.resume();
  };
  // Also where what kept it waiting was pushed, of whose end nothing else tells.
  wire.on('drain', sent);
  const end = (id: string) => {
    operations.get(id)?.abort();
    operations.delete(id);
  };

  return {
    handshake,
    begin(id) {
      const operation = new AbortController();
      operations.set(id, operation);
      return operation.signal;
    },
    end,
    endAll() {
      for (const id of [...operations.keys()]) end(id);
    },
    isIdle: () => operations.size === 0,
    send: (text) =>
      new Promise((resolve) => {
        if (!isOpen()) return resolve();
        socket.send(text, () => {
          sent();
          resolve();
        });
        if (socket.bufferedAmount > mostBuffered) socket.pause();
      }),
    push: (head) => createPush(socket, wire, head),
    close(code, reason) {
      if (!isOpen()) return;
      socket.close(code, reason);
      // A paused socket would not hear the answer.
      socket.resume();
      cancelCut = clock.after(closingTime, () => socket.terminate());
      socket.once('close', () => cancelCut?.());
    },
    isAlive: () => isAlive,
    answered() {
      isAlive = true;
    },
    ping() {
      isAlive = false;
      socket.ping();
    },
    terminate: () => socket.terminate(),
  };
}
