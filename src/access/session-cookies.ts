import { timingSafeEqual } from 'node:crypto';
import type { CallerCredential, Credentials } from './credentials.ts';
import { hashToken } from './tokens.ts';

/** DIDfarm's session cookie. Its name is unpublished: these are what a Laravel application of that name, or of none, calls it. */
const sessionCookies = ['didfarm_session', 'didfarm-session', 'laravel_session'];
const xsrfCookie = 'XSRF-TOKEN';

/**
 * The DIDfarm login that a browser sent along, without any other cookie of it; null where the page that asks is none of those that may,
 * something is missing or there twice, or the page's own XSRF token contradicts the cookie.
 */
export function sessionOf(credentials: Credentials, origins: readonly string[]): CallerCredential | null {
  const { cookie, xsrfToken, origin } = credentials;
  if (origin === null || cookie === null || !origins.includes(origin)) return null;
  const pairs = pairsOf(cookie).filter(({ name }) => name === xsrfCookie || sessionCookies.includes(name));
  // A page of a sibling domain can add a cookie of the same name, but not take away the real one.
  if (new Set(pairs.map(({ name }) => name)).size < pairs.length) return null;
  const session = pairs
    .flatMap(({ name, pair }) => (name === xsrfCookie ? [] : pair))
    .toSorted()
    .join('; ');
  const token = decoded(pairs.find(({ name }) => name === xsrfCookie)?.value);
  if (session === '' || token === null || (xsrfToken !== null && !isSame(xsrfToken, token))) return null;
  return { kind: 'cookie', session, cookie: pairs.map(({ pair }) => pair).join('; '), xsrfToken: token, origin };
}

function pairsOf(cookie: string): { name: string; value: string; pair: string }[] {
  return cookie.split(';').flatMap((text) => {
    const [, name, value] = /^([^=\s]+)=([\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+)$/.exec(text.trim()) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value, pair: `${name}=${value}` }];
  });
}

/** Null where it is not there, or nothing that a header can carry. */
function decoded(value: string | undefined): string | null {
  try {
    const token = decodeURIComponent(value ?? '');
    return /^[\x21-\x7e]+$/.test(token) ? token : null;
  } catch {
    return null;
  }
}

function isSame(a: string, b: string): boolean {
  return timingSafeEqual(hashToken(a), hashToken(b));
}
