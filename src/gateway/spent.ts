import { mayRead } from '../access/abilities.ts';
import type { Context } from '../graph/context.ts';
import { shownPart } from '../graph/upstream-use.ts';

/**
 * `extensions.upstream`: what the operation cost, what is left, and what was older than it should be. A client's viewer is told the
 * last alone.
 */
export function spent({ account, viewer, use }: Context): Record<string, unknown> {
  if (!mayRead(viewer, 'gateway')) return { stale: use.stale() };
  const { remaining, resetsAt } = account.didfarm.state().budget;
  return {
    calls: use.calls(),
    remaining,
    resetsAt: resetsAt === null ? null : new Date(resetsAt).toISOString(),
    stale: use.stale(),
    ...(use.spender === undefined ? {} : { viewer: shownPart(account.didfarm.share(use.spender)) }),
  };
}
