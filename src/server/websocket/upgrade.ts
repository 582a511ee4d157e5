import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { rawAnswer } from '../early-answers.ts';
import type { Logger } from '../log.ts';
import type { Origins } from '../origins.ts';

/** The status line's end, and what is said to a person. */
export interface Refusal {
  readonly status: string;
  readonly text: string;
}

/** A browser lets any page open a socket to here and only tells whose page it is: pages of others are refused that are not allowed by name. */
export function refusalOf({ url, headers }: IncomingMessage, origins: Origins): Refusal | null {
  if (URL.parse(url ?? '', 'http://localhost')?.pathname !== '/graphql')
    return { status: '404 Not Found', text: 'WebSockets are opened at /graphql.' };
  const { origin, host = null } = headers;
  if (origin === undefined || origins.mayCall(origin, host)) return null;
  return { status: '403 Forbidden', text: 'Pages of other sites may not connect.' };
}

/** Answers a handshake that is not taken. */
export function refuse(
  socket: Duplex,
  { status, text }: Refusal,
  headers: Readonly<Record<string, string>>,
  log: Logger,
): void {
  // Nobody else listens to a socket that is handed over: its error would end the process, and its open half would hold up the end.
  socket.on('error', (error) => log.debug({ err: error }, 'A refused socket failed'));
  socket.once('finish', () => socket.destroy());
  socket.end(rawAnswer(status, text, headers));
}
