import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** EventType of the graph. */
export type EventType =
  | 'NUMBER_ACTIVATED'
  | 'NUMBER_SUSPENDED'
  | 'NUMBER_RELEASED'
  | 'REGULATORY_APPROVED'
  | 'REGULATORY_REJECTED'
  | 'TRUNK_REGISTERED'
  | 'TRUNK_OFFLINE'
  | 'MESSAGE_RECEIVED'
  | 'UNKNOWN';

/** What an event is about; `UNKNOWN` is about nothing that this gateway knows. */
export type EventSubject = 'NUMBER' | 'TRUNK' | 'MESSAGE' | 'UNKNOWN';

/** Connect guide, "Webhooks". */
const published: ReadonlyMap<string, EventType> = new Map([
  ['number.activated', 'NUMBER_ACTIVATED'],
  ['number.suspended', 'NUMBER_SUSPENDED'],
  ['number.released', 'NUMBER_RELEASED'],
  ['regulatory.approved', 'REGULATORY_APPROVED'],
  ['regulatory.rejected', 'REGULATORY_REJECTED'],
  ['trunk.registered', 'TRUNK_REGISTERED'],
  ['trunk.offline', 'TRUNK_OFFLINE'],
  ['message.received', 'MESSAGE_RECEIVED'],
]);

/** The events that say where a number is in its life; regulatory ones are about its documents. */
export const numberStatusTypes = ['NUMBER_ACTIVATED', 'NUMBER_SUSPENDED', 'NUMBER_RELEASED'] as const;
export const regulatoryTypes = ['REGULATORY_APPROVED', 'REGULATORY_REJECTED'] as const;

/** The events that say what status a trunk has, over rows of `events`: DIDfarm's own, and what a listing showed instead of one. */
export const tellsTrunkStatus: RawBuilder<SqlBool> = sql<SqlBool>`(type in ('TRUNK_REGISTERED', 'TRUNK_OFFLINE') or source = 'RECONCILED')`;

/** The type of a webhook's event name; one that is not published is UNKNOWN, and kept by its name. */
export function eventType(name: string): EventType {
  return published.get(name) ?? 'UNKNOWN';
}

export function eventSubject(type: EventType): EventSubject {
  if (type.startsWith('NUMBER_') || type.startsWith('REGULATORY_')) return 'NUMBER';
  if (type.startsWith('TRUNK_')) return 'TRUNK';
  return type === 'MESSAGE_RECEIVED' ? 'MESSAGE' : 'UNKNOWN';
}
