import type { Account } from '../world/account.ts';
import type { Answer, Wire } from './wire.ts';

/** A request that has come through authentication, limits and faults. */
export interface Call {
  readonly account: Account;
  readonly wire: Wire;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined where there was none. */
  readonly body: unknown;
}

/** One call of the API. */
export interface Route {
  readonly method: string;
  /** Path with `{name}` for a segment; the name under which calls are counted. */
  readonly path: string;
  readonly handle: (call: Call) => Answer;
}

/** The route of a request, with the values of its path. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

const toPattern = (path: string) => new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);

/** Finds the route of a request. Every handler is synchronous, so no other request comes between its steps. */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => Match | undefined {
  const patterns = routes.map((route) => ({ route, pattern: toPattern(route.path) }));
  return (method, path) => {
    for (const { route, pattern } of patterns) {
      const match = route.method === method ? pattern.exec(path) : null;
      if (match) return { route, params: { ...match.groups } };
    }
    return undefined;
  };
}
