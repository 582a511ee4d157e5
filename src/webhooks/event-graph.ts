import { mayRead } from '../access/abilities.ts';
import type { EventSubject, EventType } from '../events/catalogue.ts';
import { type Timeliness, timelinessOf } from '../events/timeliness.ts';
import { seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { nodesBy } from '../graph/context.ts';
import { encodeId } from '../graph/identifiers.ts';
import { MessageRef } from '../messages/graph.ts';
import { messageById } from '../messages/listing.ts';
import { NumberRef } from '../numbers/graph.ts';
import { numberByE164 } from '../numbers/listing.ts';
import type { EventRow } from '../storage/tables.ts';
import { TrunkRef } from '../trunks/graph.ts';
import { trunkByKey } from '../trunks/listing.ts';
import { eventBySeq, eventCursor, subjectOf } from './listing.ts';

export const EventTypeEnum = builder.enumType('EventType', {
  description: "What happened. DIDfarm's own name is in `Event.name`.",
  values: {
    NUMBER_ACTIVATED: { description: '`number.activated`: a number has been provisioned and is live.' },
    NUMBER_SUSPENDED: { description: '`number.suspended`: for example because its renewal failed.' },
    NUMBER_RELEASED: { description: '`number.released`: it went back to the carrier.' },
    REGULATORY_APPROVED: { description: '`regulatory.approved`: the documents were approved.' },
    REGULATORY_REJECTED: { description: '`regulatory.rejected`: the documents were rejected.' },
    TRUNK_REGISTERED: { description: '`trunk.registered`: a trunk registered.' },
    TRUNK_OFFLINE: { description: '`trunk.offline`: a trunk lost its registration.' },
    MESSAGE_RECEIVED: { description: '`message.received`: a text arrived on a number.' },
    UNKNOWN: {
      description:
        'An event that DIDfarm has not published, or a status of a trunk that has no event, such as "trunk.unlisted": see `name`.',
    },
  } satisfies Record<EventType, { description: string }>,
});

const EventSourceEnum = builder.enumType('EventSource', {
  description: 'How the gateway came to know of an event.',
  values: {
    WEBHOOK: { description: 'DIDfarm sent it.' },
    RECONCILED: { description: 'No webhook came: a listing showed the change.' },
  },
});

const EventTimelinessEnum = builder.enumType('EventTimeliness', {
  description: "Whether an event's own time can be right.",
  values: {
    TIMELY: { description: 'As an event of now, or one that was sent again for a day at most.' },
    FUTURE: {
      description:
        'More than 5 minutes after it came in: a clock is wrong. It counts from when it came in, and over nothing newer.',
    },
    OLD: {
      description: 'More than 25 hours before it came in: recorded, and not applied. A text is kept whatever its time.',
    },
  } satisfies Record<Timeliness, { description: string }>,
});

const typenames: Readonly<Record<EventSubject, string>> = {
  NUMBER: 'NumberEvent',
  TRUNK: 'TrunkEvent',
  MESSAGE: 'MessageEvent',
  UNKNOWN: 'UnknownEvent',
};
const typenameOf = (event: EventRow) => typenames[subjectOf(event)];

export const EventRef = builder.interfaceRef<EventRow>('Event').implement({
  ...seenByAll,
  description: 'Something that happened, as the log has it. Events are kept in the order in which they came in.',
  resolveType: typenameOf,
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'Opaque and stable.',
      resolve: (event) => encodeId(typenameOf(event), event.seq),
    }),
    type: t.field({
      type: EventTypeEnum,
      nullable: false,
      description: 'What happened.',
      resolve: (event) => event.type as EventType,
    }),
    name: t.exposeString('name', { nullable: false, description: 'DIDfarm\'s own name, such as "trunk.offline".' }),
    source: t.field({
      type: EventSourceEnum,
      nullable: false,
      description: 'How it became known.',
      resolve: (event) => event.source as 'WEBHOOK' | 'RECONCILED',
    }),
    at: t.field({
      type: 'DateTime',
      nullable: false,
      description: 'When it happened, by DIDfarm; for what a listing showed, when that was asked for.',
      resolve: (event) => new Date(event.at),
    }),
    receivedAt: t.field({
      type: 'DateTime',
      nullable: false,
      description: 'When the gateway recorded it.',
      resolve: (event) => new Date(event.received_at),
    }),
    timeliness: t.field({
      type: EventTimelinessEnum,
      nullable: false,
      description: 'Whether its own time can be right.',
      resolve: (event) => timelinessOf(event.at, event.received_at),
    }),
    applied: t.boolean({
      nullable: false,
      description:
        'Whether what is shown followed it; false where something newer was known, or where it says nothing of now.',
      resolve: (event) => event.applied === 1,
    }),
    cursor: t.string({
      nullable: false,
      description: 'Its place in the log: pass it as `after` to the `events` subscription to go on from here.',
      resolve: (event, _args, context) => eventCursor(context, event.seq),
    }),
    data: t.field({
      type: 'JSON',
      nullable: false,
      description:
        'What DIDfarm sent with it, word for word; of what a listing showed, the status it gave. Empty for the viewer of one client: nobody knows what else it names; what it is about is in the fields of its type.',
      resolve: (event, _args, { viewer }): unknown => (mayRead(viewer, 'account') ? JSON.parse(event.data) : {}),
    }),
  }),
});

/** What the four types of events have in common as nodes: each is found by its place in the log. */
const eventNode = (subject: EventSubject) => ({
  interfaces: [EventRef],
  id: {
    resolve: (event: EventRow) => String(event.seq),
    // An id that names no whole number is looked up as 0, which no event has.
    parse: (id: string) => (/^\d{1,15}$/.test(id) ? Number(id) : 0),
  },
  loadMany: async (seqs: number[], context: Parameters<typeof eventBySeq>[0]) => {
    const rows = await Promise.all(await nodesBy(eventBySeq)(seqs, context));
    return rows.map((row) => (row !== null && subjectOf(row) === subject ? row : null));
  },
});

builder.node(builder.objectRef<EventRow>('NumberEvent'), {
  ...seenByAll,
  ...eventNode('NUMBER'),
  description: 'A number was activated, suspended or released, or its documents were approved or rejected.',
  fields: (t) => ({
    number: t.field({
      type: NumberRef,
      description: 'The number as it is now.',
      resolve: (event, _args, context) => (event.e164 === null ? null : numberByE164(context).load(event.e164)),
    }),
  }),
});

builder.node(builder.objectRef<EventRow>('TrunkEvent'), {
  ...seenByAll,
  ...eventNode('TRUNK'),
  description: 'A trunk registered, lost its registration, or was listed with another status.',
  fields: (t) => ({
    trunk: t.field({
      type: TrunkRef,
      description: 'The trunk as it is now.',
      resolve: (event, _args, context) => (event.trunk_key === null ? null : trunkByKey(context).load(event.trunk_key)),
    }),
  }),
});

builder.node(builder.objectRef<EventRow>('MessageEvent'), {
  ...seenByAll,
  ...eventNode('MESSAGE'),
  description: 'A text arrived.',
  fields: (t) => ({
    message: t.field({
      type: MessageRef,
      description: 'The text; null where its webhook could not be read: see `data`.',
      resolve: (event, _args, context) =>
        event.message_id === null ? null : messageById(context).load(event.message_id),
    }),
  }),
});

builder.node(builder.objectRef<EventRow>('UnknownEvent'), {
  ...seenByAll,
  ...eventNode('UNKNOWN'),
  description: 'An event with a name that DIDfarm has not published.',
});
