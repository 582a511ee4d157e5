import { createServer } from 'node:http';
import { useGraphQlJit } from '@envelop/graphql-jit';
import { createInMemoryCache, useResponseCache } from '@graphql-yoga/plugin-response-cache';
import { createSchema, createYoga } from 'graphql-yoga';
import { createResolvers, typeDefs } from './graph.js';
import { announce, createKeptApi, numbers } from './rest.js';

// Yoga with whole answers kept for everybody, without end, and its executor compiled for those that are not.
const api = createKeptApi();
const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers: createResolvers(numbers, () => api) }),
  plugins: [useResponseCache({ session: () => null, cache: createInMemoryCache({ max: 4_096 }) }), useGraphQlJit()],
  logging: false,
  graphiql: false,
  landingPage: false,
  multipart: false,
});
const server = createServer(yoga);
server.listen(0, '127.0.0.1', () => announce(`http://127.0.0.1:${server.address().port}`));
