import { mayRead } from '../access/abilities.ts';
import type { Context } from '../graph/context.ts';
import { shownPart } from '../graph/upstream-use.ts';

/**
 * `extensions.upstream`: what the operation cost, what is left, and what was older than it should be; of a viewer who
 * may spend a part of the ration alone, what is left of that too. A client's viewer is told how old it is alone.
 */
export function spent({ account, viewer, use }: Context): Record<string, unknown> {
  if (!mayRead(viewer, 'gateway')) return { stale: use.stale() };
  const { limitPerMinute, remaining, resetsAt } = account.didfarm.state().budget;
  const { spender } = use;
  const hasPart = spender !== undefined && spender.perMinute < limitPerMinute;
  return {
    calls: use.calls(),
    remaining,
    resetsAt: resetsAt === null ? null : new Date(resetsAt).toISOString(),
    stale: use.stale(),
    ...(hasPart ? { viewer: shownPart(account.didfarm.share(spender)) } : {}),
  };
}
