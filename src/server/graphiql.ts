import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
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
      if (request.method !== 'GET' || url.pathname !== '/graphql' || !isBrowser) return;
      const page = renderGraphiQL({
        title: 'DIDfarm graph',
        subscriptionsProtocol: 'WS',
        defaultTabs: examplesAt(clock.now()).map(({ query, variables }) => ({ query, variables })),
      });
      endResponse(withContentPolicy(page));
    },
  };
}
