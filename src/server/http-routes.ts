import type { IncomingMessage } from 'node:http';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from './log.ts';
import { comesFromThisMachine } from './loopback.ts';
import { currentRequestId } from './request-id.ts';

/** One path beside `/graphql`. HEAD is answered wherever GET is. */
export interface Route {
  /** Where it ends with a slash and is more than that, all below it. */
  readonly path: string;
  /** Without them the route says by itself which it takes. */
  readonly methods?: readonly ('GET' | 'POST')[];
  /** @param fromLoopback the connection is of this machine, and nothing says that it passes on another's. */
  handle(request: Request, fromLoopback: boolean): Promise<Response> | Response;
}

/** Answers the given paths exactly; everything else but `/graphql` is a plain 404, whatever the caller's browser accepts. */
export function useRoutes(routes: readonly Route[], log: Logger): Plugin {
  const byPath = new Map(routes.map((route) => [route.path, route]));
  const above = routes.filter(({ path }) => path.length > 1 && path.endsWith('/'));
  const routeOf = (pathname: string) => byPath.get(pathname) ?? above.find(({ path }) => pathname.startsWith(path));
  return {
    async onRequest({ request, url, endResponse, serverContext }) {
      const route = routeOf(url.pathname);
      if (route) endResponse(await answer(route, request, { log, fromLoopback: isFromLoopback(serverContext) }));
      else if (url.pathname !== '/graphql') endResponse(new Response('Not found\n', { status: 404 }));
    },
  };
}

export function notAllowed(methods: readonly string[]): Response {
  return new Response('Method not allowed\n', { status: 405, headers: { allow: methods.join(', ') } });
}

async function answer(
  route: Route,
  request: Request,
  { log, fromLoopback }: { readonly log: Logger; readonly fromLoopback: boolean },
): Promise<Response> {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (route.methods && !route.methods.some((allowed) => allowed === method)) return notAllowed(route.methods);
  try {
    return await route.handle(request, fromLoopback);
  } catch (error) {
    // A caller who goes in the middle of a body is no fault of the gateway, and reads no answer.
    if (request.signal.aborted) log.debug({ err: error, path: route.path }, 'The caller is gone');
    else log.error({ err: error, path: route.path }, 'Unexpected error');
    return Response.json({ error: 'Unexpected error.', requestId: currentRequestId() }, { status: 500 });
  }
}

/** Where there is no connection the request was made in process. */
function isFromLoopback(context: unknown): boolean {
  const { req } = (context ?? {}) as { readonly req?: IncomingMessage };
  return req === undefined || comesFromThisMachine(req);
}
