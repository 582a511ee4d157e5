import { setImmediate } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import type { Execution } from './execution.ts';
import type { PlacedPayload } from './payload.ts';
import { createRing } from './ring.ts';

/** Enough for what happens between a caller's reading of the log to its end and its coming here. */
const kept = { payloads: 64, characters: 64_000 };

/** So many are given a payload until whatever else the process has to do gets its turn: some 5 ms. */
const givenATurn = 500;

/** Whoever gets a channel's payloads. */
export interface Subscriber {
  /** The place of the last payload that it had: nothing at or before it is given to it. Null: it has had none. */
  given: number | null;
  /** False where it cannot keep up, and did not take this. */
  take(payload: PlacedPayload): boolean;
  /** Told so where it did not. */
  tooSlow(): void;
  /** The channel has ended; where its source failed `failure` says so. */
  done(failure: ExecutionResult | null): void;
}

/** One execution that serves everybody who asks the same and may see the same. */
export interface Channel {
  /** Gives what came after that place, from now on as it comes. False where some of it is no longer here: then nothing is given. */
  attach(subscriber: Subscriber, after: number): boolean;
  /** The last to leave ends it. */
  detach(subscriber: Subscriber): void;
  cursorOf(seq: number): string;
}

interface ChannelOptions {
  /** The place that it begins after. */
  readonly begin: number;
  /** Gives a result alone where the subscription is refused. */
  readonly execute: () => Promise<Execution | ExecutionResult>;
  /** Aborted when the last has left. */
  readonly left: AbortController;
  readonly failure: (error: unknown) => ExecutionResult;
  readonly cursorOf: (seq: number) => string;
  /** It serves nobody any more. */
  readonly ended: () => void;
}

export function createChannel({ begin, left, execute, failure, cursorOf, ended }: ChannelOptions): Channel {
  const subscribers = new Set<Subscriber>();
  const ring = createRing(kept, begin);
  let execution: Execution | null = null;

  /** Who comes meanwhile is given it by the ring. */
  const giveAll = async (payload: PlacedPayload) => {
    const all = [...subscribers];
    for (const [place, subscriber] of all.entries()) {
      if (place > 0 && place % givenATurn === 0) await setImmediate();
      if (subscribers.has(subscriber)) give(subscriber, payload);
    }
  };
  /** What to end with. */
  const follow = async (): Promise<ExecutionResult | null> => {
    const begun = await execute();
    if (!('next' in begun)) return begun;
    execution = begun;
    if (left.signal.aborted) begun.leave();
    for (let payload = await begun.next(); payload !== null; payload = await begun.next()) {
      ring.keep(payload);
      await giveAll(payload);
    }
    return null;
  };
  const finish = (last: ExecutionResult | null) => {
    if (left.signal.aborted) return;
    ended();
    for (const subscriber of [...subscribers]) subscriber.done(last);
  };
  follow()
    .catch((error: unknown) => (left.signal.aborted ? null : failure(error)))
    .then(finish);

  return {
    attach(subscriber, after) {
      const missed = ring.after(after);
      if (missed === null) return false;
      subscribers.add(subscriber);
      missed.every((payload) => give(subscriber, payload));
      return true;
    },
    detach(subscriber) {
      if (!subscribers.delete(subscriber) || subscribers.size > 0 || left.signal.aborted) return;
      left.abort();
      execution?.leave();
      ended();
    },
    cursorOf,
  };
}

/** False where it did not take it: then it is given nothing more. */
export function give(subscriber: Subscriber, payload: PlacedPayload): boolean {
  const { seq } = payload;
  if (seq !== null && subscriber.given !== null && seq <= subscriber.given) return true;
  if (subscriber.take(payload)) {
    if (seq !== null) subscriber.given = seq;
    return true;
  }
  subscriber.tooSlow();
  return false;
}
