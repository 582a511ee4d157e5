import { sql } from 'kysely';
import { seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { connect, connectionType, pageArguments } from '../graph/connections.ts';
import { NumberRef } from '../numbers/graph.ts';
import { TrunkRef } from '../trunks/graph.ts';
import { availabilityOf } from './availability.ts';
import { EventRef, EventTypeEnum } from './event-graph.ts';
import { checkPlaces, eventConditions, eventRows } from './listing.ts';

const EventConnection = connectionType('Event', EventRef, 'own');

export const EventFilterInput = builder.inputType('EventFilter', {
  description: 'Which events; conditions are combined with AND.',
  fields: (t) => ({
    types: t.field({ type: [EventTypeEnum], description: 'One of these.' }),
    trunk: t.id({ description: 'About this trunk, or a number on it: its global id or uuid.' }),
    number: t.field({ type: 'PhoneNumber', description: 'About this number.' }),
    client: t.id({ description: "About this client's trunks and numbers: its global id." }),
  }),
});

const eventArguments = builder.args((t) => ({
  filter: t.field({ type: EventFilterInput, description: 'Which events; all where it is left out.' }),
  ...pageArguments,
}));

builder.objectField(NumberRef, 'events', (t) =>
  t.field({
    type: EventConnection,
    nullable: false,
    description: 'What happened to it, newest first.',
    args: eventArguments,
    resolve: async (number, args, context) => {
      await checkPlaces(context, args);
      const filter = await eventConditions(context, args.filter);
      return connect(context, eventRows, 'Number.events', args, [sql`e164 = ${number.e164}`], filter);
    },
  }),
);

builder.objectFields(TrunkRef, (t) => ({
  events: t.field({
    type: EventConnection,
    nullable: false,
    description: 'What happened to it and to the numbers on it, newest first.',
    args: eventArguments,
    resolve: async (trunk, args, context) => {
      await checkPlaces(context, args);
      const filter = await eventConditions(context, args.filter);
      return connect(context, eventRows, 'Trunk.events', args, [sql`trunk_key = ${trunk.trunk_key}`], filter);
    },
  }),
  availability: t.float({
    description:
      'The share of a stretch of time in which it was registered, 0 to 1, by its events. What is not known is left out: the time before its first event, between the last look at a status and a listing that shows another, and what came while the gateway was down for more than a day. Null where nothing is known.',
    args: {
      from: t.arg({ type: 'DateTime', required: true, description: 'Where the stretch begins.' }),
      to: t.arg({ type: 'DateTime', description: 'Where it ends; now where it is left out or to come.' }),
    },
    resolve: (trunk, { from, to }, context) => availabilityOf(context, trunk, from, to),
  }),
}));

builder.queryField('events', (t) =>
  t.field({
    ...seenByAll,
    type: EventConnection,
    description: 'Everything that happened, newest first.',
    args: eventArguments,
    resolve: async (_root, args, context) => {
      await checkPlaces(context, args);
      return connect(context, eventRows, 'Query.events', args, [], await eventConditions(context, args.filter));
    },
  }),
);
