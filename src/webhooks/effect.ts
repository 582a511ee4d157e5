import type { EventRow } from '../storage/tables.ts';

/** What an event is about, as its row in the log carries it. */
export type Links = Pick<EventRow, 'e164' | 'trunk_key' | 'client_key' | 'order_id' | 'message_id'>;

/** What an event does to the picture. Worked out before the event is recorded, done after it. */
export interface Effect {
  readonly links: Links;
  /** Whether the picture is what this event says: false where it is too old, or older than what is known. */
  readonly applied: boolean;
  /** Not called for an event that is in the log already. */
  apply(): Promise<void>;
}

export const noLinks: Links = { e164: null, trunk_key: null, client_key: null, order_id: null, message_id: null };

/** Recorded, and nothing else. */
export function noEffect(links: Links = noLinks): Effect {
  return { links, applied: false, apply: async () => undefined };
}
