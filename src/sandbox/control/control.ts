import { ApiError } from '../api-error.ts';
import type { DrivenClock, SandboxClock } from '../clock.ts';
import type { CallCounts, CallRecord, Calls } from '../http/calls.ts';
import type { Faults } from '../http/faults.ts';
import type { Limiter } from '../http/limit.ts';
import type { VariantSwitches } from '../variants.ts';
import type { AccountControl } from './account-control.ts';

/** Everything that can be done to a sandbox from outside of its API; `/__sandbox/` offers the same over HTTP. */
export interface Control extends AccountControl {
  readonly clock: {
    now(): number;
    /** Moves the sandbox's own clock; what is due on the way happens. Throws an ApiError where it was passed in. */
    advance(milliseconds: number): Promise<void>;
  };
  readonly faults: Omit<Faults, 'take'>;
  readonly variants: VariantSwitches;
  calls(): CallCounts;
  callLog(): readonly CallRecord[];
  resetCalls(): void;
  /** Calls a minute; null: no limit. */
  setRateLimit(limit: number | null): void;
  /** Another account by its key; without one the first, which is also this control itself. Throws a RangeError. */
  account(apiKey?: string): AccountControl;
  accounts(): readonly AccountControl[];
}

interface ControlParts {
  readonly clock: SandboxClock;
  readonly driven: DrivenClock | undefined;
  readonly faults: Faults;
  readonly variants: VariantSwitches;
  readonly calls: Calls;
  readonly limiter: Limiter;
  readonly accounts: readonly [AccountControl, ...AccountControl[]];
}

/** Gathers the parts of a sandbox into its control. */
export function createControl(parts: ControlParts): Control {
  const { clock, driven, faults, variants, calls, limiter, accounts } = parts;
  const [first] = accounts;
  return {
    ...first,
    clock: {
      now: () => clock.now(),
      async advance(milliseconds) {
        if (!driven) throw new ApiError(409, 'clock_not_ours', 'The clock was passed in: its owner moves it.');
        await driven.advance(milliseconds);
      },
    },
    faults,
    variants,
    calls: calls.counts,
    callLog: calls.log,
    resetCalls: calls.reset,
    setRateLimit: limiter.set,
    account(apiKey = first.apiKey) {
      const found = accounts.find((account) => account.apiKey === apiKey);
      if (!found) throw new RangeError('no account has this key');
      return found;
    },
    accounts: () => accounts,
  };
}
