import type { Viewer } from './viewer.ts';

/** What a caller presents: headers of a request, or what `connection_init` of a WebSocket carries in their place. */
export interface Credentials {
  readonly authorization: string | null;
  readonly cookie: string | null;
  readonly xsrfToken: string | null;
  readonly origin: string | null;
  /** The connection comes from this machine. */
  readonly fromLoopback: boolean;
}

/** A caller's own way into DIDfarm, forwarded for that caller alone. Secret: see `upstreamHeaders`. */
export type CallerCredential =
  | { readonly kind: 'key'; readonly secret: string }
  | {
      readonly kind: 'cookie';
      /** The session's cookie by itself, which tells one login from another. */
      readonly session: string;
      readonly cookie: string;
      readonly xsrfToken: string;
      readonly origin: string;
    };

/** Who a caller was found to be. Only the object that `identify` gave holds; a copy of it does not. */
export interface Identity {
  readonly viewer: Viewer;
  /** When it ends by itself, in epoch milliseconds; null where nothing but a change of the configuration ends it. */
  readonly expiresAt: number | null;
  /** The caller's own credential, where their account is no account of the gateway's. */
  readonly caller: CallerCredential | null;
}

/** What access writes down; pino's loggers fit. */
export interface AccessLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** One way to show who one is. Null: these credentials are none of this kind. @throws Unauthenticated, AccessUnavailable */
export type Identify = (credentials: Credentials) => Promise<Recognised | null>;

/** An identity, and how to find out later whether it still holds. */
export interface Recognised {
  readonly identity: Identity;
  readonly holds: () => boolean;
}

/**
 * Gathers what a caller presents. A browser can set no header on a WebSocket: what `connection_init` carries under `authorization` and
 * `x-xsrf-token`, in any case, stands before the headers of the handshake. Cookies and the origin are the browser's own to tell.
 * @param header reads one of the request's; null where it has none.
 */
export function credentialsOf(
  header: (name: string) => string | null,
  fromLoopback: boolean,
  connectionInit: unknown = null,
): Credentials {
  const given = new Map(Object.entries(Object(connectionInit)).map(([name, value]) => [name.toLowerCase(), value]));
  const presented = (name: string) => {
    const value = given.get(name);
    return typeof value === 'string' ? value : header(name);
  };
  return {
    authorization: presented('authorization'),
    xsrfToken: presented('x-xsrf-token'),
    cookie: header('cookie'),
    origin: header('origin'),
    fromLoopback,
  };
}

const longestSecret = 16_384;

/** What follows `Bearer` in the Authorization header; null where it is no bearer token, or longer than any real one. */
export function bearerOf({ authorization }: Credentials): string | null {
  if (authorization === null || authorization.length > longestSecret) return null;
  return /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(authorization)?.[1] ?? null;
}
