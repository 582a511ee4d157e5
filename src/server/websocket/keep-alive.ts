import type { Clock } from '../../clock.ts';

/** How often each socket is asked for a sign of life, in milliseconds; one that gave none is found at the next time. */
export const pingInterval = 25_000;

/** The sockets are asked in turns, so that thousands are not all asked in one moment. */
const turns = 5;

/** A socket as it is asked for a sign of life. */
export interface Mortal {
  ping(): void;
  /** Whether the last ping was answered. */
  isAlive(): boolean;
  terminate(): void;
}

/** Finds the sockets whose other end has vanished without a word. */
export interface KeepAlive {
  add(socket: Mortal): void;
  remove(socket: Mortal): void;
}

/** One timer for all sockets, and none where there are none. */
export function createKeepAlive(clock: Clock): KeepAlive {
  const wheel = Array.from({ length: turns }, () => new Set<Mortal>());
  const placeOf = new WeakMap<Mortal, Set<Mortal>>();
  let turn = 0;
  let count = 0;
  let isTurning = false;

  const schedule = () => {
    isTurning = count > 0;
    if (isTurning) clock.after(pingInterval / turns, next);
  };
  const next = () => {
    turn = (turn + 1) % turns;
    for (const socket of wheel[turn] ?? []) {
      if (socket.isAlive()) socket.ping();
      else socket.terminate();
    }
    schedule();
  };
  return {
    add(socket) {
      const place = wheel[turn];
      if (place === undefined) return;
      placeOf.set(socket, place.add(socket));
      count++;
      if (!isTurning) schedule();
    },
    remove(socket) {
      if (placeOf.get(socket)?.delete(socket)) count--;
    },
  };
}
