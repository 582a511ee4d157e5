import { sql } from 'kysely';
import { ClientRef } from '../clients/graph.ts';
import { clientOf, ofClient } from '../clients/listing.ts';
import { seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { connect, connectionType, pageArguments } from '../graph/connections.ts';
import { nodesBy } from '../graph/context.ts';
import { MoneyRef } from '../graph/money.ts';
import { NumberRef } from '../numbers/graph.ts';
import { numberByE164 } from '../numbers/listing.ts';
import type { MessageRow } from '../storage/tables.ts';
import { type MessageDirection, type MessageStatus, messageById, messageConditions, messageRows } from './listing.ts';

const MessageDirectionEnum = builder.enumType('MessageDirection', {
  description: 'Which way a text went.',
  values: {
    INBOUND: { description: 'Received on one of your numbers.' },
    OUTBOUND: { description: 'Sent from one of your numbers.' },
  },
});

const MessageStatusEnum = builder.enumType('MessageStatus', {
  description: "How far a text is. DIDfarm's own word is in `rawStatus`.",
  values: {
    QUEUED: { description: 'Accepted, and not sent yet.' },
    SENT: { description: 'Handed to the carrier.' },
    DELIVERED: { description: 'The carrier says that it arrived.' },
    FAILED: { description: 'It was not delivered.' },
    RECEIVED: { description: 'An inbound text.' },
    UNKNOWN: { description: 'Not said, or a status this gateway does not know: see `rawStatus`.' },
  },
});

export const MessageRef = builder.objectRef<MessageRow>('Message');

builder.node(MessageRef, {
  ...seenByAll,
  description:
    'A text message. Inbound ones are known from webhooks: DIDfarm drops what it could not deliver for 24 hours.',
  id: { resolve: (message) => message.message_id },
  loadMany: nodesBy(messageById),
  fields: (t) => ({
    direction: t.field({
      type: MessageDirectionEnum,
      nullable: false,
      description: 'Which way it went.',
      resolve: (message) => message.direction as MessageDirection,
    }),
    from: t.exposeString('sender', {
      nullable: false,
      description: 'Who sent it: a number, or a name such as "ACME".',
    }),
    to: t.exposeString('recipient', { nullable: false, description: 'Who it was sent to.' }),
    body: t.exposeString('body', { nullable: false, description: 'The text.' }),
    status: t.field({
      type: MessageStatusEnum,
      nullable: false,
      description: 'How far it is.',
      resolve: (message) => message.status as MessageStatus,
    }),
    rawStatus: t.exposeString('raw_status', { description: "DIDfarm's own word for the status." }),
    segments: t.exposeInt('segments', {
      description: 'How many messages it was charged as: 160 GSM-7 or 70 Unicode characters each.',
    }),
    cost: t.field({
      type: MoneyRef,
      description: 'What it cost; inbound texts are free.',
      resolve: ({ cost, currency }) => (cost === null ? null : { amount: cost, currency: currency ?? 'EUR' }),
    }),
    at: t.field({
      type: 'DateTime',
      nullable: false,
      description: 'When it was received or sent.',
      resolve: (message) => new Date(message.at),
    }),
    number: t.field({
      type: NumberRef,
      description: 'Your number at one end of it.',
      resolve: (message, _args, context) => (message.e164 === null ? null : numberByE164(context).load(message.e164)),
    }),
    client: t.field({
      type: ClientRef,
      description: 'Whose number it was when the text passed.',
      resolve: (message, _args, context) => clientOf(context, message),
    }),
  }),
});

const MessageConnection = connectionType('Message', MessageRef, 'own');

const MessageFilterInput = builder.inputType('MessageFilter', {
  description: 'Which texts; conditions are combined with AND.',
  fields: (t) => ({
    direction: t.field({ type: MessageDirectionEnum, description: 'Received or sent.' }),
    number: t.field({ type: 'PhoneNumber', description: 'From or to this number.' }),
    from: t.field({ type: 'DateTime', description: 'At this moment or later.' }),
    to: t.field({ type: 'DateTime', description: 'Before this moment.' }),
    search: t.string({ description: 'Text or either number contains this, in any case.' }),
  }),
});

const messageArguments = builder.args((t) => ({
  filter: t.field({ type: MessageFilterInput, description: 'Which texts; all where it is left out.' }),
  ...pageArguments,
}));

builder.objectField(NumberRef, 'messages', (t) =>
  t.field({
    type: MessageConnection,
    nullable: false,
    description: 'Texts from and to it, newest first.',
    args: messageArguments,
    resolve: (number, args, context) =>
      connect(
        context,
        messageRows,
        'Number.messages',
        args,
        [sql`e164 = ${number.e164}`],
        messageConditions(args.filter),
      ),
  }),
);

builder.objectField(ClientRef, 'messages', (t) =>
  t.field({
    type: MessageConnection,
    nullable: false,
    description: 'Texts from and to its numbers, newest first.',
    args: messageArguments,
    resolve: (client, args, context) =>
      connect(
        context,
        messageRows,
        'Client.messages',
        args,
        [ofClient(client.client_key)],
        messageConditions(args.filter),
      ),
  }),
);

builder.queryField('messages', (t) =>
  t.field({
    ...seenByAll,
    type: MessageConnection,
    description: "The account's texts, newest first.",
    args: messageArguments,
    resolve: (_root, args, context) =>
      connect(context, messageRows, 'Query.messages', args, [], messageConditions(args.filter)),
  }),
);
