import { RESTDataSource } from '@apollo/datasource-rest';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControl } from '@apollo/server/plugin/cacheControl';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import responseCache from '@apollo/server-plugin-response-cache';
import { InMemoryLRUCache } from '@apollo/utils.keyvaluecache';
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import Fastify from 'fastify';
import { createResolvers, typeDefs } from './graph.js';
import { announce, apiKey, apiUrl, numbers } from './rest.js';

const day = 86_400;

class Portal extends RESTDataSource {
  baseURL = `${apiUrl}/`;
  willSendRequest(_path, request) {
    request.headers['authorization'] = `Bearer ${apiKey}`;
  }
  cacheOptionsFor() {
    return { ttl: day };
  }
  // Nobody changes what is read, and within one operation the same thing is read once.
  cloneParsedBody(body) {
    return body;
  }
  requestDeduplicationPolicyFor(url) {
    return { policy: 'deduplicate-until-invalidated', deduplicationKey: url.href };
  }
  balance = () => this.get('wallet/balance');
  trunks = () => this.get('portal/sip-trunks');
  transactions = (page) => this.get('wallet/transactions', { params: { page: String(page) } });
}

// Apollo Server on Fastify, its faster integration, with whole answers kept for a day; what they are made of comes through
// RESTDataSource, out of the same cache.
const app = Fastify({ logger: false });
const cache = new InMemoryLRUCache({ maxSize: 256 * 1024 * 1024 });
const server = new ApolloServer({
  typeDefs,
  resolvers: createResolvers(numbers, ({ portal }) => portal),
  cache,
  introspection: false,
  plugins: [
    responseCache(),
    ApolloServerPluginCacheControl({ defaultMaxAge: day, calculateHttpHeaders: false }),
    ApolloServerPluginLandingPageDisabled(),
    fastifyApolloDrainPlugin(app),
  ],
});
await server.start();
app.route({
  url: '/graphql',
  method: ['POST'],
  handler: fastifyApolloHandler(server, { context: async () => ({ portal: new Portal({ cache }) }) }),
});
announce(await app.listen({ port: 0, host: '127.0.0.1' }));
