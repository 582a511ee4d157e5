import type { Plugin } from 'graphql-yoga';
import type { Origins } from './origins.ts';

/**
 * Takes no operation that a page of a strange site could have sent without asking the browser for leave. Forms and `no-cors` fetches
 * post as text or as a form, never as JSON; and a browser says whose page it is that asks, with `Origin`, or where a page only loads
 * something, with `Sec-Fetch-Site`. Who says neither is no browser of today: such a GET is taken where it brings no cookie.
 */
export function useCsrfPrevention(origins: Origins): Plugin {
  return {
    onRequest({ request, url, endResponse }) {
      if (url.pathname !== '/graphql' || request.method === 'OPTIONS') return;
      if (isStrange(request.headers, origins))
        endResponse(refusal(403, 'FOREIGN_SITE', 'Pages of other sites may not call.'));
      else if (request.method === 'POST' && !isJson(request.headers))
        endResponse(refusal(415, 'NOT_JSON', 'Send the operation as application/json.'));
    },
  };
}

function isStrange(headers: Headers, origins: Origins): boolean {
  const origin = headers.get('origin');
  if (origin !== null) return !origins.mayCall(origin, headers.get('host'));
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  return headers.has('cookie') && !isJson(headers);
}

function isJson(headers: Headers): boolean {
  return headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() === 'application/json';
}

function refusal(status: number, code: string, message: string): Response {
  return Response.json({ errors: [{ message, extensions: { code } }] }, { status });
}
