import type { PlacedPayload } from './payload.ts';

/** The last payloads of a channel, for those who come to it a little behind. */
export interface Ring {
  keep(payload: PlacedPayload): void;
  /** All after that place, oldest first; null where some of them are no longer here. */
  after(seq: number): readonly PlacedPayload[] | null;
}

/** So much is kept at most. A payload that alone is longer is not kept. */
interface RingSize {
  readonly payloads: number;
  readonly characters: number;
}

/** @param begin where the channel begins: what came before was never here. */
export function createRing(most: RingSize, begin: number): Ring {
  const payloads: PlacedPayload[] = [];
  let characters = 0;
  let dropped = begin;
  const drop = () => {
    const oldest = payloads.shift();
    characters -= oldest?.json().length ?? 0;
    dropped = oldest?.seq ?? dropped;
  };
  return {
    keep(payload) {
      payloads.push(payload);
      characters += payload.json().length;
      while (payloads.length > most.payloads || characters > most.characters) drop();
    },
    after: (seq) => (dropped > seq ? null : payloads.filter((payload) => payload.seq === null || payload.seq > seq)),
  };
}
