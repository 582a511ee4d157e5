import Fastify from 'fastify';
import mercurius from 'mercurius';
import cache from 'mercurius-cache';
import { createResolvers, typeDefs } from './graph.js';
import { announce, createKeptApi, numbers } from './rest.js';

// Mercurius with its compiled executor, and mercurius-cache before every resolver.
const app = Fastify({ logger: false });
const api = createKeptApi();
app.register(mercurius, {
  schema: typeDefs,
  resolvers: createResolvers(numbers, () => api),
  jit: 1,
  graphiql: false,
});
// A day, more answers than are ever asked for, and keys made from the arguments alone: what its manual says of speed.
const policy = { key: ({ arg }) => JSON.stringify(arg) };
app.register(cache, {
  ttl: 86_400,
  policy: { Query: { wallet: policy, trunks: policy, transactions: policy } },
  storage: { type: 'memory', options: { size: 4_096 } },
});
announce(await app.listen({ port: 0, host: '127.0.0.1' }));
