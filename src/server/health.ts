import type { Route } from './http-routes.ts';
import type { IsTrusted } from './trusted.ts';

/** What readiness depends on, by name: storage, upstream. */
export interface Readiness {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, unknown>>;
}

/**
 * `/health/live`: the process answers. `/health/ready`: it can do its work, and it is not stopping; 503 where not. What is missing
 * is told to those alone who may know.
 */
export function healthRoutes(
  ready: () => Promise<Readiness>,
  isStopping: () => boolean,
  isTrusted: IsTrusted,
): Route[] {
  return [
    { path: '/health/live', methods: ['GET'], handle: () => Response.json({ status: 'ok' }) },
    {
      path: '/health/ready',
      methods: ['GET'],
      async handle(request, fromLoopback) {
        const { ok, checks } = await ready();
        const status = isStopping() ? 'stopping' : ok ? 'ok' : 'unavailable';
        const told = (await isTrusted(request, fromLoopback)) ? { status, checks } : { status };
        return Response.json(told, { status: status === 'ok' ? 200 : 503 });
      },
    },
  ];
}
