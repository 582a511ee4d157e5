import type { Clock } from '../clock.ts';
import type { Spender } from './call-options.ts';
import { createSpentWindow, type Slot, type SpentWindow, slotMilliseconds } from './spent-window.ts';

/** What a spender may still have sent. Times are epoch milliseconds. */
export interface ShareState {
  readonly limitPerMinute: number;
  readonly remaining: number;
  /** When all of it is back; null where none is spent. */
  readonly resetsAt: number | null;
}

/** What each spender has spent of their own part of the ration. */
export interface Shares {
  /** A request of theirs goes out. */
  take(spender: Spender): Slot;
  /** Whether a request of theirs may go out now. */
  hasRoom(spender: Spender): boolean;
  /** Reckons the waits of their queued calls, one after the other, without taking anything. */
  foresee(): Foresight;
  state(spender: Spender): ShareState;
}

export interface Foresight {
  /** Milliseconds until they have a request left, at the best. */
  wait(spender: Spender): number;
  /** One of theirs goes out after so many milliseconds. */
  spend(spender: Spender, wait: number): void;
}

interface Share {
  readonly window: SpentWindow;
  underWay: number;
}

/** The window counts; how much is allowed comes with each spender, since it may change. */
const unbounded = Number.MAX_SAFE_INTEGER;

/** `onRoom` is called when somebody got something back. */
export function createShares(clock: Clock, onRoom: () => void): Shares {
  const shares = new Map<string, Share>();
  const shareOf = (name: string): Share => {
    const known = shares.get(name);
    if (known) return known;
    const share: Share = { underWay: 0, window: createSpentWindow(unbounded, clock, () => freed(name, share)) };
    shares.set(name, share);
    return share;
  };
  const freed = (name: string, share: Share) => {
    if (share.window.releases().length === 0) shares.delete(name);
    onRoom();
  };
  const releasesOf = ({ name }: Spender) => shares.get(name)?.window.releases() ?? [];

  return {
    take({ name }) {
      const share = shareOf(name);
      const slot = share.window.take();
      share.underWay += 1;
      return {
        settle() {
          share.underWay -= 1;
          slot.settle();
        },
        unused() {
          share.underWay -= 1;
          slot.unused();
        },
      };
    },
    hasRoom: (spender) =>
      releasesOf(spender).length < spender.perMinute && (shares.get(spender.name)?.underWay ?? 0) < spender.atOnce,
    foresee() {
      const foreseen = new Map<string, number[]>();
      const releasesBy = (spender: Spender) => {
        const known = foreseen.get(spender.name) ?? releasesOf(spender);
        foreseen.set(spender.name, known);
        return known;
      };
      return {
        wait(spender) {
          const releases = releasesBy(spender);
          const missing = releases.length + 1 - spender.perMinute;
          return missing > 0 ? (releases[missing - 1] ?? slotMilliseconds) : 0;
        },
        spend: (spender, wait) => void releasesBy(spender).push(wait + slotMilliseconds),
      };
    },
    state(spender) {
      const releases = releasesOf(spender);
      const last = releases.at(-1);
      return {
        limitPerMinute: spender.perMinute,
        remaining: Math.max(0, spender.perMinute - releases.length),
        resetsAt: last === undefined ? null : clock.now() + last,
      };
    },
  };
}
