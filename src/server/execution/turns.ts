import { AsyncResource } from 'node:async_hooks';

/** How many fields are executed until whatever else the process has to do gets its turn: a few milliseconds. */
const fieldsATurn = 1_000;

/** Lets a large operation give way to others. */
export interface Turns {
  /** Of one operation. */
  begin(): Turn;
}

export interface Turn {
  /** A field is executed. */
  count(): void;
  isOver(): boolean;
  /** Does it now, or when it is this operation's turn again. */
  take(work: () => void): void;
}

/** @param pause calls back when others have had their turn; default: setImmediate. */
export function createTurns(pause: (next: () => void) => void = setImmediate): Turns {
  /** What waits of all operations. Of these, one has its turn between two pauses. */
  const waiting: (() => void)[] = [];
  const next = () => {
    waiting[0]?.();
    waiting.shift();
    if (waiting.length > 0) pause(next);
  };
  const enqueue = (turn: () => void) => {
    if (waiting.push(turn) === 1) pause(next);
  };

  return {
    begin() {
      let counted = 0;
      const work: (() => void)[] = [];
      const isOver = () => counted >= fieldsATurn;
      const resume = () => {
        counted = 0;
        let done = 0;
        for (; done < work.length && !isOver(); done++) work[done]?.();
        work.splice(0, done);
        if (work.length > 0) enqueue(resume);
      };
      return {
        count() {
          counted += 1;
        },
        isOver,
        take(one) {
          if (!isOver()) return one();
          // Another operation's turn may be what calls back: this one keeps its own request id and log.
          if (work.push(AsyncResource.bind(one)) === 1) enqueue(resume);
        },
      };
    },
  };
}
