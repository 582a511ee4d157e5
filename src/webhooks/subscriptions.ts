import { GraphQLError } from 'graphql';
import { sql } from 'kysely';
import { clientKeyOf, ofClient } from '../clients/listing.ts';
import { numberStatusTypes, regulatoryTypes } from '../events/catalogue.ts';
import { lastSeq } from '../events/log.ts';
import { seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import type { Context } from '../graph/context.ts';
import { MessageRef } from '../messages/graph.ts';
import { messageRows } from '../messages/listing.ts';
import { NumberRef } from '../numbers/graph.ts';
import { numberRows } from '../numbers/listing.ts';
import { type Condition, type Listing, oneOf, readRows } from '../storage/pages.ts';
import type { EventRow } from '../storage/tables.ts';
import { TrunkRef, TrunkStatusEnum } from '../trunks/graph.ts';
import { trunkByArgument } from '../trunks/listing.ts';
import { EventRef } from './event-graph.ts';
import { EventFilterInput } from './graph.ts';
import { eventConditions, eventCursor, seqOfCursor } from './listing.ts';
import { live } from './live.ts';
import { type TrunkStatusUpdate, trunkChanges } from './trunk-changes.ts';

builder.subscriptionType({
  description:
    'What happens, as it happens. Each is read from the log, so that nothing is left out between two events. It ends when you leave; otherwise it is ended with a code: TOO_SLOW where you do not read, GOING_AWAY where the gateway stops, FORBIDDEN where you may not see it any more, CURSOR_EXPIRED where the log no longer has what came next.',
});

const TrunkStatusUpdateRef = builder.objectRef<TrunkStatusUpdate>('TrunkStatusUpdate').implement({
  ...seenByAll,
  description: "A trunk's status: as it is when the subscription begins, then each change.",
  fields: (t) => ({
    trunk: t.field({
      type: TrunkRef,
      nullable: false,
      description: 'The trunk with its status.',
      resolve: (update) => update.trunk,
    }),
    previous: t.field({
      type: TrunkStatusEnum,
      description:
        'What its last event before this one said; null at the beginning, and where this is its first event.',
      resolve: (update) => update.previous,
    }),
    at: t.field({
      type: 'DateTime',
      nullable: false,
      description: 'Since when it has this status, as far as is known.',
      resolve: (update) => new Date(update.at),
    }),
    cursor: t.string({
      description:
        'The place in the log that this is true for: the `events` subscription goes on from here with `after`.',
      resolve: (update, _args, context) => eventCursor(context, update.seq),
    }),
  }),
});

const clientArgument = { description: "Only this client's: its global id." };
const numberArgument = { type: 'PhoneNumber', description: 'Only this number.' } as const;

builder.subscriptionFields((t) => ({
  trunkStatus: t.field({
    ...seenByAll,
    type: TrunkStatusUpdateRef,
    nullable: false,
    description: 'The status of every matching trunk first, one payload a trunk, then each change.',
    args: {
      trunk: t.arg.id({ description: 'Only this trunk: its global id or uuid.' }),
      client: t.arg.id(clientArgument),
    },
    subscribe: async (_root, { trunk, client }, context) => {
      const matching = [...(await onTrunk(context, trunk)), ...ownedBy(client)];
      return live(context, (follow) => trunkChanges(context, matching, follow));
    },
    resolve: (update) => update,
  }),
  numberStatus: t.field({
    ...seenByAll,
    type: NumberRef,
    nullable: false,
    description: 'A number whenever it is activated, suspended or released, or its documents are approved or rejected.',
    args: { number: t.arg(numberArgument), client: t.arg.id(clientArgument) },
    subscribe: (_root, { number, client }, context) =>
      changedRows(context, numberRows.listing, 'e164', [
        oneOf('type', [...numberStatusTypes, ...regulatoryTypes]),
        ...about(number),
        ...ownedBy(client),
      ]),
    resolve: (number) => number,
  }),
  messageReceived: t.field({
    ...seenByAll,
    type: MessageRef,
    nullable: false,
    description: 'Each text that arrives.',
    args: { number: t.arg(numberArgument), client: t.arg.id(clientArgument) },
    subscribe: (_root, { number, client }, context) =>
      changedRows(context, messageRows.listing, 'message_id', [
        sql`type = 'MESSAGE_RECEIVED'`,
        ...about(number),
        ...ownedBy(client),
      ]),
    resolve: (message) => message,
  }),
  events: t.field({
    ...seenByAll,
    type: EventRef,
    nullable: false,
    description: 'Every event; with `after`, first all that came since that cursor, in order and none twice.',
    args: {
      filter: t.arg({ type: EventFilterInput, description: 'Which events; all where it is left out.' }),
      after: t.arg.string({ description: 'The `cursor` of the last event that was seen.' }),
    },
    subscribe: async (_root, { filter, after }, context) => {
      const begin =
        after == null || context.place.resume !== null ? await present(context) : await seqOfCursor(context, after);
      const conditions = await eventConditions(context, filter);
      return live(context, (follow) => follow(conditions, begin));
    },
    resolve: (event) => event,
  }),
}));

/** The row that each applied event to come is about, as it is then. */
async function changedRows<Row>(
  context: Context,
  listing: Listing<Row>,
  link: keyof Row & ('e164' | 'message_id'),
  conditions: readonly Condition[],
): Promise<AsyncIterableIterator<Row, undefined>> {
  const begin = await present(context);
  return live(context, async function* (follow) {
    for await (const event of follow([sql`applied = 1`, ...conditions], begin)) {
      const key: EventRow['e164'] = event[link];
      const [row] = key === null ? [] : await readRows(context.account.storage, listing, context.scope, link, [key]);
      if (row !== undefined) yield row;
    }
  });
}

/** Where one begins who does not say from where. */
async function present({ account, scope, place }: Context): Promise<number> {
  return place.resume ?? lastSeq(account.storage.db, scope.account);
}

function about(number: string | null | undefined): Condition[] {
  return number == null ? [] : [sql`e164 = ${number}`];
}

function ownedBy(client: string | null | undefined): Condition[] {
  return client == null ? [] : [ofClient(clientKeyOf(client, 'client'))];
}

/** @throws NOT_FOUND: a trunk that is not there would be waited for without end. */
async function onTrunk(context: Context, argument: string | null | undefined): Promise<Condition[]> {
  if (argument == null) return [];
  const trunk = await trunkByArgument(context, argument);
  if (trunk === null)
    throw new GraphQLError('There is no such trunk.', { extensions: { code: 'NOT_FOUND', argument: 'trunk' } });
  return [sql`trunk_key = ${trunk.trunk_key}`];
}
