import type { Budget, Grant } from '../../../src/didfarm/budget.ts';
import type { CallOptions, Priority } from '../../../src/didfarm/call-options.ts';
import { createDemand } from '../../../src/didfarm/demand.ts';
import type { FakeClock } from '../../support/clock.ts';

/** A caller that asked a budget for a place. */
export interface Asked {
  readonly grant: Promise<Grant>;
  /** The failure of a caller that got no place, once it is known. */
  readonly failure: () => unknown;
  readonly granted: () => boolean;
}

/** Asks for a place with a deadline `span` milliseconds from now. */
export function ask(
  budget: Budget,
  clock: FakeClock,
  priority: Priority,
  span = 1e9,
  caller: Pick<CallOptions, 'signal' | 'spender'> = {},
): Asked {
  let granted = false;
  let failure: unknown;
  const demand = createDemand('GET /x', clock, (asked) => budget.acquire(asked));
  const grant = demand.join({ priority, deadline: clock.now() + span, ...caller });
  grant.then(
    () => {
      granted = true;
    },
    (reason) => {
      failure = reason;
    },
  );
  return { grant, granted: () => granted, failure: () => failure };
}

/** Spends places whose answers come at once. */
export async function spend(
  budget: Budget,
  clock: FakeClock,
  count: number,
  priority: Priority = 'act',
  caller: Pick<CallOptions, 'signal' | 'spender'> = {},
): Promise<void> {
  for (let i = 0; i < count; i++) (await ask(budget, clock, priority, 1e9, caller).grant).answered({}, false);
}
