import { Readable } from 'node:stream';
import type { Cancel, Clock } from '../clock.ts';
import type { LiveStream, Payload } from './subscriptions/stream.ts';

/** Proxies end a connection on which nothing comes for a minute or so; a comment is sent this often, in milliseconds. */
export const commentInterval = 25_000;

/** How long a caller may leave unread what was sent, in milliseconds; then the connection is cut. */
export const patience = 60_000;

/**
 * An EventSource is sent away after so long at most, in milliseconds, and goes on where it was. Whether its end still reads nobody
 * can ask it, and while something sent is on its way TCP does not either: one that is gone is found by then.
 */
export const longestLife = 10 * 60_000;

/** When it comes back, in milliseconds. */
const comesBackAfter = 1_000;

interface BodyOptions {
  readonly stream: LiveStream;
  /** After so long it ends for its caller to come back, in milliseconds; null where the caller would not. */
  readonly life: number | null;
  readonly clock: Clock;
  /** Cuts the connection: ending the body alone would wait for the caller to read it. */
  readonly cut: () => void;
}

/** A stream written as server-sent events, asked for a payload whenever the connection has room for one. */
export function createEventStreamBody({ stream, life, clock, cut }: BodyOptions): Readable {
  let pulling = false;
  let isOver = false;
  /** Nothing is lost by who comes back: it has something to go on from. */
  let isPlaced = false;
  let forgetPatience: Cancel = () => undefined;
  let stopComments: Cancel = () => undefined;
  let stopLife: Cancel = () => undefined;

  const write = (text: string) => {
    if (body.destroyed) return;
    forgetPatience();
    forgetPatience = clock.after(patience, () => {
      body.destroy();
      cut();
    });
    body.push(text);
  };
  const comment = () => {
    // Where something is still unread there is no silence to be broken.
    if (body.readableLength === 0) write(':\n\n');
    stopComments = clock.after(commentInterval, comment);
  };
  const pull = async () => {
    const payload = await stream.pull();
    pulling = false;
    isPlaced ||= payload?.cursor != null;
    write(payload === null ? ending() : eventOf(payload));
    if (payload === null && !body.destroyed) body.push(null);
  };
  // Without `complete` it is a connection that was lost, and not a subscription that has come to its end.
  const ending = () => (isOver ? `retry: ${comesBackAfter}\n\n` : 'event: complete\ndata:\n\n');
  const live = (milliseconds: number) => {
    stopLife = clock.after(milliseconds, () => {
      if (!isPlaced) return live(milliseconds);
      isOver = true;
      void stream.return();
    });
  };
  const body = new Readable({
    // One event at a time: what waits beyond it waits in the stream, where it is counted.
    highWaterMark: 1,
    read() {
      forgetPatience();
      if (pulling) return;
      pulling = true;
      void pull();
    },
    destroy(error, done) {
      forgetPatience();
      stopComments();
      stopLife();
      void stream.return();
      done(error);
    },
  });
  // Some browsers take a response for begun only when something of it has come.
  comment();
  if (life !== null) live(life);
  stream.onCaughtUp((cursor) => {
    isPlaced = true;
    write(`id: ${cursor}\n\n`);
  });
  return body;
}

function eventOf(payload: Payload): string {
  const id = payload.cursor === null ? '' : `id: ${payload.cursor}\n`;
  const retry = payload.retryAfter === null ? '' : `retry: ${payload.retryAfter}\n`;
  return `${id}${retry}event: next\ndata: ${payload.json()}\n\n`;
}
