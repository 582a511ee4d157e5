import type { Clock } from '../clock.ts';
import { UpstreamBreakerOpen } from './errors.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** One attempt that the breaker let through. Exactly one of its three ends is called. */
export interface Permit {
  succeeded(): void;
  failed(): void;
  /** Given up for another's reason: says nothing about DIDfarm. */
  withdrawn(): void;
}

/**
 * Leaves DIDfarm alone after several failures in a row; after a while one call tries whether it is back.
 * Own code, as cockatiel's breaker reads the machine's clock and cannot take another.
 */
export interface Breaker {
  /** Throws {@link UpstreamBreakerOpen} where a call would not be let through now. */
  check(call: string): void;
  enter(call: string): Permit;
  state(): BreakerState;
}

export interface BreakerOptions {
  readonly clock: Clock;
  readonly failures?: number;
  readonly openMilliseconds?: number;
  readonly onOpen?: () => void;
}

export function createBreaker({ clock, failures = 5, openMilliseconds = 10_000, onOpen }: BreakerOptions): Breaker {
  let state: BreakerState = 'closed';
  let inARow = 0;
  let probing = false;
  let opensAgainAt = 0;
  /** What was sent before the last change of state has no say after it. */
  let generation = 0;

  const become = (next: BreakerState) => {
    state = next;
    generation += 1;
    inARow = 0;
    probing = false;
  };
  const open = () => {
    become('open');
    opensAgainAt = clock.now() + openMilliseconds;
    clock.after(openMilliseconds, () => become('half-open'));
    onOpen?.();
  };
  const check = (call: string) => {
    if (state === 'closed' || (state === 'half-open' && !probing)) return;
    const left = state === 'open' ? opensAgainAt - clock.now() : 1_000;
    throw new UpstreamBreakerOpen(call, Math.min(openMilliseconds, Math.max(0, left)));
  };

  return {
    check,
    enter(call) {
      check(call);
      const entered = generation;
      if (state === 'half-open') probing = true;
      const verdict = (run: () => void) => () => {
        if (entered === generation) run();
      };
      return {
        succeeded: verdict(() => {
          if (state === 'half-open') become('closed');
          inARow = 0;
        }),
        failed: verdict(() => {
          inARow += 1;
          if (state === 'half-open' || inARow >= failures) open();
        }),
        withdrawn: verdict(() => {
          probing = false;
        }),
      };
    },
    state: () => state,
  };
}
