import type { OwnedNumber } from './numbers.ts';
import type { Trunk } from './trunks.ts';

/** The events that the guide lists. The sandbox can send others too: the set is open. */
export const eventNames = [
  'number.activated',
  'number.suspended',
  'number.released',
  'regulatory.approved',
  'regulatory.rejected',
  'trunk.registered',
  'trunk.offline',
  'message.received',
] as const;

/** The payload of an event: `data` in the body. */
export type EventData = Record<string, unknown>;

/** Hands an event to whoever delivers webhooks. */
export type Emit = (event: string, data: EventData) => void;

/** The one published payload (Connect guide, "Webhooks"); regulatory events carry the same. */
export function numberEvent(number: OwnedNumber, trunk: Trunk | undefined): EventData {
  return {
    number: number.e164,
    country: number.country,
    type: number.type,
    trunk_uuid: trunk?.uuid ?? null,
    order_id: number.orderId,
  };
}

/** The payload of `trunk.registered` and `trunk.offline`, which the guide does not show. */
export function trunkEvent(trunk: Trunk): EventData {
  return { trunk_uuid: trunk.uuid, name: trunk.name, username: trunk.username };
}
