import type { EventType } from '../events/catalogue.ts';
import type { EventRow, TrunkRow } from '../storage/tables.ts';
import { type TrunkStatus, trunkStatus, unlisted } from './trunks.ts';

const prefix = 'trunk.';
/** A name of an event is printable and at most so long. */
const longestWord = 80;

/** The data of an event that a listing stands in for. */
export interface ShownStatus {
  readonly uuid: string | null;
  readonly sip_trunk_id: number | null;
  readonly status: string | null;
}

/** What an event that a listing stands in for is called: DIDfarm's own name where there is one, else one after the status word. */
export function statusEvent({ status, raw_status }: TrunkRow): { readonly type: EventType; readonly name: string } {
  if (status === 'REGISTERED') return { type: 'TRUNK_REGISTERED', name: `${prefix}registered` };
  if (status === 'OFFLINE') return { type: 'TRUNK_OFFLINE', name: `${prefix}offline` };
  if (raw_status === unlisted) return { type: 'UNKNOWN', name: `${prefix}unlisted` };
  const word = (raw_status ?? '')
    .trim()
    .toLowerCase()
    .replace(/[^\x21-\x7e]+/g, '-')
    .slice(0, longestWord);
  return { type: 'UNKNOWN', name: prefix + (word || 'unknown') };
}

/** DIDfarm's word, as the event has it: from a webhook's name, or from the row that a listing showed. */
export function rawStatusTold({ source, name, data }: Pick<EventRow, 'source' | 'name' | 'data'>): string | null {
  return source === 'RECONCILED' ? (JSON.parse(data) as ShownStatus).status : rawStatusOfEvent(name);
}

/** The status that an event tells, by its name. */
export function statusOfEvent(name: string): TrunkStatus {
  return trunkStatus(rawStatusOfEvent(name));
}

/** DIDfarm's word for the status: "registered" of `trunk.registered`. */
export function rawStatusOfEvent(name: string): string {
  return name.replace(prefix, '');
}
