import type { ExecutionResult } from 'graphql';
import type { Place } from '../../graph/place.ts';
import { withRequestId } from '../request-id.ts';
import { createPayload, type PlacedPayload } from './payload.ts';

/** One run of a subscription's document over the log, from one place on. Its results are asked for one at a time. */
export interface Execution {
  /** The next result with its place; null at the end. @throws whatever its source throws. */
  next(): Promise<PlacedPayload | null>;
  /** Up to where everything was given; null where the source does not follow the log. */
  place(): number | null;
  cursorOf(seq: number): string;
  /** Ends the source; not waited for, since one that is busy with its next event would hold up the one who leaves. */
  leave(): void;
}

interface ExecutionOptions {
  readonly source: AsyncIterable<ExecutionResult>;
  /** Whoever follows the log moves it. */
  readonly place: Place;
  /** Every result is worked on under this id, outside the request that subscribed. */
  readonly requestId: string;
  readonly finish: (result: ExecutionResult) => ExecutionResult;
  readonly cursorOf: (seq: number) => string;
}

export function createExecution({ source, place, requestId, finish, cursorOf }: ExecutionOptions): Execution {
  const iterator = source[Symbol.asyncIterator]();
  return {
    next: () =>
      withRequestId(requestId, async () => {
        const { done, value } = await iterator.next();
        return done === true ? null : createPayload(finish(value), { seq: place.seq, cursorOf });
      }),
    place: () => place.seq,
    cursorOf,
    leave() {
      void withRequestId(requestId, async () => iterator.return?.()).catch(() => undefined);
    },
  };
}
