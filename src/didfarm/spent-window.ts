import type { Cancel, Clock } from '../clock.ts';
import type { RateLimitFacts } from './rate-limit-headers.ts';

/** How long a request counts after its answer: DIDfarm's minute, and a little as timers fire early and clocks differ. */
export const slotMilliseconds = 60_000 + 25;
const highestLimit = 100_000;

/** One request's place in the minute. One of its two ends is called, once. */
export interface Slot {
  /** The request is over. DIDfarm may have counted it as late as now, so the place stays taken for a minute from now. */
  settle(facts?: RateLimitFacts): void;
  /** The request never went on the wire. */
  unused(): void;
}

/** What outlives the process of the minute. Times are epoch milliseconds. */
export interface Ledger {
  /** When the places that were taken before are free again. */
  readonly releasesAt: readonly number[];
  /** A place was taken or kept for longer; `releasesAt` gives the same as they stand. */
  changed(releasesAt: () => readonly number[]): void;
}

/** What the account has spent of its minute, as DIDfarm counts it at the worst. */
export interface SpentWindow {
  limit(): number;
  /** Requests that may go now. Negative where others spent what was ours. */
  room(): number;
  /** Milliseconds until each taken place is free again, soonest first; at best, for requests still under way. */
  releases(): number[];
  /** Milliseconds until the last of them is; null where none is taken. Asked for with every answer. */
  lastRelease(): number | null;
  take(): Slot;
}

interface Held {
  releasesAt: number | null;
}

/** `onRoom` is called when places became free, or when an answer said that there are fewer. */
export function createSpentWindow(configured: number, clock: Clock, onRoom: () => void, ledger?: Ledger): SpentWindow {
  const held = new Set<Held>();
  let serverLimit = configured;
  let foreign = 0;
  let foreignUntil = 0;
  let cancelForeign: Cancel = () => {};

  const limit = () => Math.min(configured, serverLimit);
  /** Of what other users of the account spend, only what exceeds the part that is not ours anyway takes from us. */
  const taken = () => held.size + Math.max(0, foreign - (serverLimit - limit()));
  // Places are freed by timers and not by comparing times: a system clock that is set back or forward then changes nothing.
  // Where a time is only told to somebody it is kept within what it can be.
  const left = (time: number | null, now = clock.now()) =>
    time === null ? slotMilliseconds : Math.min(slotMilliseconds, Math.max(0, time - now));

  const releasesAt = () => [...held].map((one) => clock.now() + left(one.releasesAt));
  const releaseAfter = (one: Held, span: number) => {
    one.releasesAt = clock.now() + span;
    clock.after(span, () => {
      held.delete(one);
      onRoom();
    });
  };
  for (const time of ledger?.releasesAt.filter((one) => one > clock.now()) ?? []) {
    const one: Held = { releasesAt: time };
    held.add(one);
    releaseAfter(one, left(time));
  }

  const setForeign = (count: number, span: number) => {
    cancelForeign();
    foreign = count;
    foreignUntil = clock.now() + span;
    if (count > 0) {
      cancelForeign = clock.after(span, () => {
        foreign = 0;
        onRoom();
      });
    }
  };

  const learn = (facts: RateLimitFacts) => {
    if (facts.limit !== undefined) serverLimit = Math.min(highestLimit, facts.limit);
    if (facts.remaining === undefined) return;
    const others = Math.max(0, serverLimit - facts.remaining - held.size);
    // A request under way may not be counted yet in what remains: only when there is none can the answer give places back.
    const exact = ![...held].some((one) => one.releasesAt === null);
    if (others > foreign || (exact && others < foreign)) {
      setForeign(others, Math.min(slotMilliseconds, facts.resetsInMilliseconds ?? slotMilliseconds));
    }
  };

  return {
    limit,
    room: () => limit() - taken(),
    releases() {
      const others = Array.from({ length: taken() - held.size }, () => left(foreignUntil));
      return [...[...held].map((one) => left(one.releasesAt)), ...others].sort((a, b) => a - b);
    },
    lastRelease() {
      const now = clock.now();
      let last = taken() > held.size ? left(foreignUntil, now) : null;
      for (const { releasesAt } of held) last = Math.max(last ?? 0, left(releasesAt, now));
      return last;
    },
    take() {
      const one: Held = { releasesAt: null };
      held.add(one);
      ledger?.changed(releasesAt);
      return {
        settle(facts = {}) {
          releaseAfter(one, slotMilliseconds);
          ledger?.changed(releasesAt);
          learn(facts);
        },
        unused() {
          held.delete(one);
          onRoom();
        },
      };
    },
  };
}
