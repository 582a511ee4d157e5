import type { Route } from './http-routes.ts';
import { accountSeen, type SightOf } from './sight.ts';

/** What readiness depends on, by name: storage, upstream. */
export interface Readiness {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, unknown>>;
}

/** Asked for all accounts (null), or with the checks of one of them. */
export type Ready = (account: string | null) => Promise<Readiness>;

/**
 * `/health/live`: the process answers. `/health/ready`: it can do its work, and it is not stopping; 503 where not. What is missing
 * is told to those alone who may know.
 */
export function healthRoutes(ready: Ready, isStopping: () => boolean, sightOf: SightOf): Route[] {
  return [
    { path: '/health/live', methods: ['GET'], handle: () => Response.json({ status: 'ok' }) },
    {
      path: '/health/ready',
      methods: ['GET'],
      async handle(request, fromLoopback) {
        const sight = await sightOf(request, fromLoopback);
        const { ok, checks } = await ready(sight === 'nothing' ? null : accountSeen(sight));
        const status = isStopping() ? 'stopping' : ok ? 'ok' : 'unavailable';
        const told = sight === 'nothing' ? { status } : { status, checks };
        return Response.json(told, { status: status === 'ok' ? 200 : 503 });
      },
    },
  ];
}
