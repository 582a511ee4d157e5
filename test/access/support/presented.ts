import type { Credentials } from '../../../src/access/credentials.ts';

/** What a caller sends, from another machine and with nothing but what is given. */
export function presented(given: Partial<Credentials> = {}): Credentials {
  return { authorization: null, cookie: null, xsrfToken: null, origin: null, fromLoopback: false, ...given };
}

/** A caller with a token of any kind. */
export function bearing(token: string): Credentials {
  return presented({ authorization: `Bearer ${token}` });
}
