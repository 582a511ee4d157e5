import { GraphQLError } from 'graphql';
import type { LiveOptions } from './live-options.ts';

/** Counts the subscriptions of each viewer and of all. */
export interface Limits {
  /** Makes room for one more. @throws GraphQLError TOO_MANY_SUBSCRIPTIONS naming the limit. @returns gives it back. */
  enter(viewer: string): () => void;
}

/** What callers are told to wait before they try again, in seconds: one that ends makes room. */
const retrySeconds = 30;

export function createLimits({ perViewer, inAll }: LiveOptions<object>['limits']): Limits {
  const byViewer = new Map<string, number>();
  let all = 0;
  return {
    enter(viewer) {
      const own = byViewer.get(viewer) ?? 0;
      if (own >= perViewer) throw refusal(`You have ${own} subscriptions, and ${perViewer} is the most.`);
      if (all >= inAll) throw refusal(`The gateway serves ${all} subscriptions, and ${inAll} is the most.`);
      byViewer.set(viewer, own + 1);
      all += 1;
      return () => {
        const left = (byViewer.get(viewer) ?? 1) - 1;
        if (left === 0) byViewer.delete(viewer);
        else byViewer.set(viewer, left);
        all -= 1;
      };
    },
  };
}

function refusal(fact: string): GraphQLError {
  const http = { status: 429, headers: { 'retry-after': `${retrySeconds}` } };
  return new GraphQLError(`${fact} End one that is not needed, or try again later.`, {
    extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', retryAfter: retrySeconds * 1000, http },
  });
}
