import type { Plugin } from 'graphql-yoga';

type Pause = (next: () => void) => void;

/** Whose turn it is. Null: theirs, at once; else when it is. */
export type TakeTurn = () => Promise<void> | null;

/**
 * Turns of the event loop, one for each who asks: requests that came together would otherwise be worked out together, before anybody
 * else is served. @param pause calls back when others have had their turn.
 */
export function createExecutionTurns(pause: Pause = setImmediate): TakeTurn {
  const waiting: (() => void)[] = [];
  let isTaken = false;
  const next = () => {
    const begin = waiting.shift();
    isTaken = begin !== undefined;
    if (begin === undefined) return;
    begin();
    pause(next);
  };
  return () => {
    if (isTaken) return new Promise((begin) => waiting.push(begin));
    isTaken = true;
    pause(next);
    return null;
  };
}

/**
 * Has no two requests worked out in one turn of the event loop: a usual one takes a few milliseconds, and a large one gives way itself.
 * Not those of a WebSocket, which is listened to for only as long as its answers are read: there they would wait here in any number.
 */
export function useExecutionTurns(takeTurn: TakeTurn = createExecutionTurns()): Plugin {
  return {
    onParams({ paramsHandler, setParamsHandler }) {
      setParamsHandler((payload) => {
        const turn = takeTurn();
        return turn === null ? paramsHandler(payload) : turn.then(() => paramsHandler(payload));
      });
    },
  };
}
