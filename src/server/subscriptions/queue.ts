import type { PlacedPayload } from './payload.ts';

/** How far a caller who pulls may fall behind. */
const mostPayloads = 1_000;
const mostCharacters = 1_000_000;

/** What waits for a caller who pulls. */
export interface Queue {
  /** False where it is full; then the payload is not taken in. */
  offer(payload: PlacedPayload): boolean;
  /** Takes the last one in, however full it is. */
  end(payload: PlacedPayload): void;
  take(): PlacedPayload | null;
}

export function createQueue(): Queue {
  const waiting: PlacedPayload[] = [];
  let characters = 0;
  const add = (payload: PlacedPayload) => {
    waiting.push(payload);
    characters += payload.json().length;
  };
  return {
    offer(payload) {
      // One payload may be longer than all that may wait: it is taken in where nothing else waits.
      const tooLong = waiting.length > 0 && characters + payload.json().length > mostCharacters;
      if (tooLong || waiting.length >= mostPayloads) return false;
      add(payload);
      return true;
    },
    end: add,
    take() {
      const payload = waiting.shift() ?? null;
      characters -= payload?.json().length ?? 0;
      return payload;
    },
  };
}
