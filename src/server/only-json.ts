import type { Plugin } from 'graphql-yoga';

/**
 * Takes operations by POST as JSON only. A web page of another origin can post forms and plain text here without asking the browser,
 * but not JSON: that would need a permission which this server gives to nobody.
 */
export function useOnlyJson(): Plugin {
  return {
    onRequest({ request, url, endResponse }) {
      if (request.method !== 'POST' || url.pathname !== '/graphql') return;
      const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
      if (mediaType === 'application/json') return;
      endResponse(Response.json({ errors: [{ message: 'Send the operation as application/json.' }] }, { status: 415 }));
    },
  };
}
