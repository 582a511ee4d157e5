import type { PlacedPayload } from './payload.ts';

/** The last payloads of a channel, for those who come to it a little behind. */
export interface Ring {
  keep(payload: PlacedPayload): void;
  /** All after that place, oldest first; null where some of them are no longer here. */
  after(seq: number): readonly PlacedPayload[] | null;
}

/** @param begin where the channel begins: what came before was never here. */
export function createRing(size: number, begin: number): Ring {
  const payloads: PlacedPayload[] = [];
  let dropped = begin;
  return {
    keep(payload) {
      payloads.push(payload);
      if (payloads.length > size) dropped = payloads.shift()?.seq ?? dropped;
    },
    after: (seq) => (dropped > seq ? null : payloads.filter((payload) => payload.seq === null || payload.seq > seq)),
  };
}
