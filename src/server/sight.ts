import { notAllowed, type Route } from './http-routes.ts';

/** What of the gateway's inside somebody may see: all of it, what is one account's, or nothing. */
export type Sight = 'all' | { readonly account: string } | 'nothing';

/** Somebody at this machine sees it, or somebody with a token that says so. */
export type SightOf = (request: Request, fromLoopback: boolean) => Sight | Promise<Sight>;

/** The one account whose part is to be shown; null: all. */
export function accountSeen(sight: Exclude<Sight, 'nothing'>): string | null {
  return sight === 'all' ? null : sight.account;
}

/** A path that to everybody who sees nothing is not there. @param show what of it is of an account, or all (null). */
export function shownBySight(
  path: string,
  sightOf: SightOf,
  show: (account: string | null) => Promise<Response>,
): Route {
  return {
    path,
    async handle(request, fromLoopback) {
      const sight = await sightOf(request, fromLoopback);
      if (sight === 'nothing') return new Response('Not found\n', { status: 404 });
      return ['GET', 'HEAD'].includes(request.method) ? show(accountSeen(sight)) : notAllowed(['GET']);
    },
  };
}
