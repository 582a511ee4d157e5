import type { Plugin } from 'graphql-yoga';
import type { Clock } from '../clock.ts';
import { examplesAt } from './examples.ts';
import { withContentPolicy } from './graphiql-policy.ts';

/**
 * GraphiQL for browsers that open `/graphql`, out of the package: nothing is fetched from elsewhere. It opens with the examples as
 * tabs; subscriptions go over the WebSocket.
 */
export function useGraphiql(clock: Clock): Plugin {
  return {
    onRequest({ request, url, endResponse }) {
      const isBrowser = request.headers.get('accept')?.includes('text/html') === true;
      if (request.method !== 'GET' || url.pathname !== '/graphql' || !isBrowser) return undefined;
      return pageAt(clock.now()).then((page) => endResponse(withContentPolicy(page)));
    },
  };
}

/** Loaded for the first browser that asks: the package takes as much memory as half of the gateway. */
async function pageAt(now: number): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return renderGraphiQL({
    title: 'DIDfarm graph',
    subscriptionsProtocol: 'WS',
    defaultTabs: examplesAt(now).map(({ query, variables }) => ({ query, variables })),
  });
}
