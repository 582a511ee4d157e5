import type { IncomingMessage } from 'node:http';

/** What is kept of a handshake: each operation's context is made of it. */
export interface Handshake {
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** They say how to open a socket, and nothing about who opens it. */
const ofTheUpgrade = /^(connection|upgrade|sec-websocket-.*)$/;

export function handshakeOf({ url, headers }: IncomingMessage): Handshake {
  const kept = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !ofTheUpgrade.test(name))
      kept.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return { url: url ?? '/graphql', headers: kept };
}

/** What tells who opens it. */
const shown = new Set(['authorization', 'x-xsrf-token']);

/**
 * Browsers can set no header of a handshake, so clients put theirs into the payload of `connection_init`. A value that no header may
 * have is left as it is: making a request of it throws.
 */
export function withAuthorization(handshake: Handshake, params: Readonly<Record<string, unknown>> = {}): Handshake {
  const headers = new Map(handshake.headers);
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === 'string' && shown.has(name.toLowerCase())) headers.set(name.toLowerCase(), value);
  }
  return { ...handshake, headers };
}

/** The handshake as a request, so that a context is made of it as of any other; a POST, since it may ask for changes. */
export function requestOf({ url, headers }: Handshake, publicUrl: string, signal?: AbortSignal): Request {
  return new Request(new URL(url, publicUrl), { method: 'POST', headers: [...headers], signal: signal ?? null });
}
