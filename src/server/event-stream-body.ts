import { Readable } from 'node:stream';
import type { Cancel, Clock } from '../clock.ts';
import type { LiveStream, Payload } from './subscriptions/stream.ts';

/** Proxies end a connection on which nothing comes for a minute or so; a comment is sent this often, in milliseconds. */
export const commentInterval = 25_000;

/** How long a caller may leave unread what was sent, in milliseconds; then the connection is cut. */
export const patience = 60_000;

interface BodyOptions {
  readonly stream: LiveStream;
  readonly clock: Clock;
  /** Cuts the connection: ending the body alone would wait for the caller to read it. */
  readonly cut: () => void;
}

/** A stream written as server-sent events, asked for a payload whenever the connection has room for one. */
export function createEventStreamBody({ stream, clock, cut }: BodyOptions): Readable {
  let pulling = false;
  let forgetPatience: Cancel = () => undefined;
  let stopComments: Cancel = () => undefined;

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
    write(payload === null ? 'event: complete\ndata:\n\n' : eventOf(payload));
    if (payload === null && !body.destroyed) body.push(null);
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
      void stream.return();
      done(error);
    },
  });
  // Some browsers take a response for begun only when something of it has come.
  comment();
  stream.onCaughtUp((cursor) => write(`id: ${cursor}\n\n`));
  return body;
}

function eventOf(payload: Payload): string {
  const id = payload.cursor === null ? '' : `id: ${payload.cursor}\n`;
  const retry = payload.retryAfter === null ? '' : `retry: ${payload.retryAfter}\n`;
  return `${id}${retry}event: next\ndata: ${payload.json()}\n\n`;
}
