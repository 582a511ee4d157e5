import type { Route } from './http-routes.ts';

/** `/` leads to GraphiQL where there is one, and otherwise says what this is. */
export function frontPage(graphiql: boolean): Route {
  return {
    path: '/',
    methods: ['GET'],
    handle: () =>
      graphiql
        ? new Response(null, { status: 302, headers: { location: '/graphql' } })
        : Response.json({ name: 'didfarm-graphql-gateway', graphql: '/graphql', health: '/health/ready' }),
  };
}
