import type { Route } from './http-routes.ts';

/** What readiness depends on, by name: storage, upstream. */
export interface Readiness {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, unknown>>;
}

/** `/health/live`: the process answers. `/health/ready`: it can do its work, and it is not stopping; 503 where not. */
export function healthRoutes(ready: () => Promise<Readiness>, isStopping: () => boolean): Route[] {
  return [
    { path: '/health/live', methods: ['GET'], handle: () => Response.json({ status: 'ok' }) },
    {
      path: '/health/ready',
      methods: ['GET'],
      async handle() {
        const { ok, checks } = await ready();
        const status = isStopping() ? 'stopping' : ok ? 'ok' : 'unavailable';
        return Response.json({ status, checks }, { status: status === 'ok' ? 200 : 503 });
      },
    },
  ];
}
