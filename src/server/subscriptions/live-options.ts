import type { Place } from '../../graph/place.ts';

/** Asked again and again while a subscription lives; false ends it. It is kept that long: it should hold little. */
export type Admission = () => boolean | Promise<boolean>;

/** What the server needs to know of a context `C` to keep its subscriptions. */
export interface LiveOptions<C extends object> {
  /** Who may see the same: callers of one audience who ask the same are served by one execution. */
  readonly audience: (context: C) => string;
  /** Whose they are: one account's are counted for its viewers alone. */
  readonly account: (context: C) => string;
  /** Whose subscriptions are limited together. */
  readonly viewer: (context: C) => string;
  /**
   * A context for one more execution of the same operation by the same viewer, with loaders of its own and nothing of the request.
   * It stands at `place`, and `signal` tells when its work is no longer wanted; without one the caller's own does.
   */
  readonly fork: (context: C, place: Place, signal?: AbortSignal) => C;
  /** What a caller goes on with from this place; 100 characters at most. */
  readonly cursor: (context: C, seq: number) => string;
  /** The place that a cursor names. @throws GraphQLError where it is none of this caller's. */
  readonly seqOf: (context: C, cursor: string) => number | Promise<number>;
  readonly admission: (context: C) => Admission;
  /** How many subscriptions there may be at once. */
  readonly limits: { readonly perViewer: number; readonly inAll: number };
  /** In [0, 1): spreads the returns of those who are sent away. */
  readonly random: () => number;
}
