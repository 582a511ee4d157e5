import type { Plugin } from 'graphql-yoga';

/** A year, in seconds. */
const year = 31_536_000;

/**
 * What every answer tells browsers: to take it for what it says it is, to show it in no frame, to run nothing of it, to keep it from
 * other sites' pages and to tell no other site where it came from.
 */
export function securityHeaders(publicUrl: string): Readonly<Record<string, string>> {
  return {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    // A browser remembers it for the host and all its ports, so only where the host is known to speak it.
    ...(publicUrl.startsWith('https:') && { 'strict-transport-security': `max-age=${year}` }),
  };
}

/** Puts them on every answer. One that says something itself is left with that. */
export function useSecurityHeaders(publicUrl: string): Plugin {
  const headers = Object.entries(securityHeaders(publicUrl));
  return {
    onResponse({ response }) {
      for (const [name, value] of headers) if (!response.headers.has(name)) response.headers.set(name, value);
    },
  };
}
