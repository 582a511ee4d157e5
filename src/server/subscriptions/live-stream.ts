import type { ExecutionResult } from 'graphql';
import { type Channel, give, type Subscriber } from './channel.ts';
import { endingPayload, failurePayload } from './ending.ts';
import type { Execution } from './execution.ts';
import type { PlacedPayload } from './payload.ts';
import { createQueue, type Queue } from './queue.ts';
import type { EndingCode, LiveStream, Payload, Sink } from './stream.ts';

/** What a stream needs until it has joined the others, and then lets go: it holds the caller's request. */
export interface Beginning {
  /** The caller's own execution, to the end of the log. */
  readonly execution: Execution;
  /** The channel of its kind, where it still has all after that place. */
  join(subscriber: Subscriber, after: number): Channel | null;
  /** One more execution of its own, after that place; a result alone where that is refused. */
  again(after: number): Promise<Beginning | ExecutionResult>;
  failure(error: unknown): ExecutionResult;
}

interface LiveStreamOptions {
  readonly beginning: Beginning;
  /** Where the caller said that it goes on from. */
  readonly resume: number | null;
  readonly retryAfter: (code: EndingCode) => number | null;
  /** Called once, when it is over for whatever reason. */
  readonly over: (code: EndingCode | null) => void;
}

/** As {@link LiveStream}; the server chooses when those that it ends come back. */
export interface EndableStream extends LiveStream {
  end(code: EndingCode, retryAfter?: number | null): void;
}

const finished: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * A caller's stream: its own execution first, whose results it pulls, then the channel's, which come by themselves.
 * Nothing is given twice: a channel's payload at or before `given` is one that the own execution had.
 */
export function createLiveStream({ beginning, resume, retryAfter, over }: LiveStreamOptions): EndableStream {
  let own: Beginning | null = beginning;
  let channel: Channel | null = null;
  let sink: Sink | null = null;
  let queue: Queue | null = null;
  let caughtUp: ((cursor: string) => void) | null = null;
  let waiting: ((payload: PlacedPayload | null) => void) | null = null;
  let open = true;
  let taken = resume;

  const moveTo = (seq: number | null) => {
    taken = seq ?? taken;
    subscriber.given = taken;
  };
  const settle = (payload: PlacedPayload | null) => {
    moveTo(payload?.seq ?? null);
    waiting?.(payload);
    waiting = null;
  };
  const cursorAfter = (seq: number | null) =>
    seq === null ? null : ((channel ?? own?.execution)?.cursorOf(seq) ?? null);
  const close = (code: EndingCode | null) => {
    open = false;
    own?.execution.leave();
    own = null;
    channel?.detach(subscriber);
    channel = null;
    over(code);
  };
  const end = (code: EndingCode, after = retryAfter(code)) => {
    if (!open) return;
    const cursor = cursorAfter(sink === null ? taken : subscriber.given);
    close(code);
    queue = null;
    const last = sink === null ? endingPayload(code, cursor, after) : null;
    sink?.ended(code, cursor, after);
    leaveWith(last);
  };
  /** The last payload of a stream that is over: behind whatever still waits to be read. */
  const leaveWith = (last: PlacedPayload | null) => {
    if (last === null || waiting !== null) return settle(last);
    queue ??= createQueue();
    queue.end(last);
  };
  const subscriber: Subscriber = {
    given: resume,
    take(payload) {
      if (waiting === null) {
        queue ??= createQueue();
        return queue.offer(payload);
      }
      settle(payload);
      return true;
    },
    tooSlow: () => end('TOO_SLOW'),
    done(failure) {
      if (!open) return;
      const last = failure === null ? null : failurePayload(failure, cursorAfter(subscriber.given));
      close(null);
      if (last !== null) sink?.last(last);
      leaveWith(sink === null ? last : null);
    },
  };

  /** Until there is a result of the own execution, or the stream has joined its channel, or is over. */
  const advance = async (phase: Beginning): Promise<void> => {
    const payload = await phase.execution.next();
    if (!open) return;
    if (payload !== null) return settle(payload);
    const place = phase.execution.place();
    if (place === null) return subscriber.done(null);
    moveTo(place);
    caughtUp?.(phase.execution.cursorOf(place));
    const joined = phase.join(subscriber, place);
    if (joined === null) return goOn(phase, place);
    own = null;
    caughtUp = null;
    if (open) channel = joined;
    else joined.detach(subscriber);
  };
  /** The channel has let go of what came after this place: it is read from the log once more. */
  const goOn = async (phase: Beginning, place: number): Promise<void> => {
    const next = await phase.again(place);
    if (!('execution' in next)) return subscriber.done(next);
    if (!open) return next.execution.leave();
    own = next;
    await advance(next);
  };
  const fail = (phase: Beginning) => (error: unknown) => {
    if (!open) return;
    const last = failurePayload(phase.failure(error), cursorAfter(taken));
    close(null);
    leaveWith(last);
  };

  const pull = (): Promise<PlacedPayload | null> => {
    const ready = queue?.take() ?? null;
    if (ready !== null) {
      taken = ready.seq ?? taken;
      return Promise.resolve(ready);
    }
    if (!open) return Promise.resolve(null);
    if (waiting !== null) return Promise.reject(new Error('One result is asked for at a time'));
    return new Promise((resolve) => {
      waiting = resolve;
      if (own !== null) advance(own).catch(fail(own));
    });
  };
  return {
    pull,
    next: async () => resultOf(await pull()),
    async return() {
      if (open) close(null);
      queue = null;
      settle(null);
      return finished;
    },
    end,
    deliverTo(to) {
      sink = to;
      subscriber.take = to.next;
      // What still waits it has not had.
      subscriber.given = taken;
      for (let ready = queue?.take() ?? null; ready !== null; ready = queue?.take() ?? null) give(subscriber, ready);
    },
    onCaughtUp(then) {
      caughtUp = then;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function resultOf(payload: Payload | null): IteratorResult<Payload['result'], undefined> {
  return payload === null ? finished : { done: false, value: payload.result };
}
