import type { Plugin } from 'graphql-yoga';
import type { Origins } from './origins.ts';

/** How long a browser may go by a preflight's answer, in seconds. */
const preflightAge = 600;

/** What a page may read of an answer besides its body. */
const exposed = 'x-request-id, retry-after';

/**
 * Lets the pages of allowed sites call `/graphql`, and no other path.
 * @param credentials whether their browsers may send cookies along: only where cookies say who asks.
 */
export function useCors(origins: Origins, credentials: boolean): Plugin {
  const allow = (headers: Headers, origin: string) => {
    headers.set('access-control-allow-origin', origin);
    if (credentials) headers.set('access-control-allow-credentials', 'true');
  };
  return {
    onRequest({ request, url, endResponse }) {
      const wanted = request.headers.get('access-control-request-method');
      if (url.pathname !== '/graphql' || request.method !== 'OPTIONS' || wanted === null) return;
      const isAllowed = origins.isAllowed(request.headers.get('origin') ?? '');
      const headers = new Headers({ vary: 'Access-Control-Request-Headers' });
      if (isAllowed) {
        headers.set('access-control-allow-methods', 'GET, POST');
        headers.set(
          'access-control-allow-headers',
          request.headers.get('access-control-request-headers') ?? 'content-type',
        );
        headers.set('access-control-max-age', String(preflightAge));
      }
      endResponse(new Response(null, { status: isAllowed ? 204 : 403, headers }));
    },
    onResponse({ request, response }) {
      if (URL.parse(request.url)?.pathname !== '/graphql') return;
      // Also where none is allowed: a cache between must not give one origin's answer to another.
      response.headers.append('vary', 'Origin');
      const origin = request.headers.get('origin');
      if (origin === null || !origins.isAllowed(origin)) return;
      allow(response.headers, origin);
      response.headers.set('access-control-expose-headers', exposed);
    },
  };
}
