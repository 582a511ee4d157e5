import type { Route } from './http-routes.ts';

/** Whether who asks may look inside the gateway: somebody at this machine, or with a token that says so. */
export type IsTrusted = (request: Request, fromLoopback: boolean) => boolean | Promise<boolean>;

/** A path that to everybody else is not there. */
export function onlyForTrusted(route: Route, isTrusted: IsTrusted): Route {
  return {
    ...route,
    handle: async (request, fromLoopback) =>
      (await isTrusted(request, fromLoopback))
        ? route.handle(request, fromLoopback)
        : new Response('Not found\n', { status: 404 }),
  };
}
