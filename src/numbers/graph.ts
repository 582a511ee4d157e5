import { sql } from 'kysely';
import { ClientRef } from '../clients/graph.ts';
import { clientOf, ofClient } from '../clients/listing.ts';
import { seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { connect, connectionType, pageArguments } from '../graph/connections.ts';
import { nodesBy } from '../graph/context.ts';
import { euros, MoneyRef } from '../graph/money.ts';
import type { NumberRow } from '../storage/tables.ts';
import { TrunkRef } from '../trunks/graph.ts';
import { findTrunk } from '../trunks/listing.ts';
import { numberByE164, numberConditions, numberRows } from './listing.ts';
import type { NumberStatus, NumberType, RegulatoryStatus } from './numbers.ts';

export const NumberTypeEnum = builder.enumType('NumberType', {
  description: "What kind of number it is. DIDfarm's own word is in `rawType`.",
  values: {
    LOCAL: { description: 'Of one city or area.' },
    NATIONAL: { description: 'Of a country, without an area.' },
    MOBILE: { description: 'A mobile number.' },
    TOLL_FREE: { description: 'Free for who calls it.' },
    UNKNOWN: { description: 'Not said, or a kind this gateway does not know: see `rawType`.' },
  },
});

const NumberStatusEnum = builder.enumType('NumberStatus', {
  description: 'Where a number is in its life.',
  values: {
    PROVISIONING: {
      description: 'Bought, and not live yet; a number with regulatory demands waits here for its documents.',
    },
    ACTIVE: { description: 'Live.' },
    SUSPENDED: { description: 'Suspended, for example because its renewal failed.' },
    RELEASED: { description: 'Gone back to the carrier: no longer yours.' },
    UNKNOWN: { description: 'Known from an import or a transaction that did not say.' },
  },
});

const RegulatoryStatusEnum = builder.enumType('RegulatoryStatus', {
  description: 'How far the documents are that some countries demand.',
  values: {
    NOT_REQUIRED: { description: 'None are demanded.' },
    REQUIRED: { description: 'Documents must be submitted.' },
    SUBMITTED: { description: 'Submitted, and under review.' },
    APPROVED: { description: 'Approved.' },
    REJECTED: { description: 'Rejected: submit others.' },
    UNKNOWN: { description: 'Not known.' },
  },
});

export const NumberRef = builder.objectRef<NumberRow>('Number');

builder.node(NumberRef, {
  ...seenByAll,
  description:
    'A phone number of the account. DIDfarm cannot list them: the gateway knows what was bought, routed, imported or told by a webhook.',
  id: { resolve: (number) => number.e164 },
  loadMany: nodesBy(numberByE164),
  fields: (t) => ({
    e164: t.expose('e164', {
      type: 'PhoneNumber',
      nullable: false,
      description: 'The number itself, such as "+31201234567".',
    }),
    didNumberId: t.exposeInt('did_number_id', {
      description: "DIDfarm's id, which routing takes; null until it is known.",
    }),
    country: t.expose('country', { type: 'CountryCode', description: 'Where it belongs.' }),
    type: t.field({
      type: NumberTypeEnum,
      nullable: false,
      description: 'What kind it is.',
      resolve: (number) => number.type as NumberType,
    }),
    rawType: t.exposeString('raw_type', { description: "DIDfarm's own word for the type." }),
    city: t.exposeString('city', { description: 'The city of a local number.' }),
    status: t.field({
      type: NumberStatusEnum,
      nullable: false,
      description: 'Where it is in its life.',
      resolve: (number) => number.status as NumberStatus,
    }),
    statusSince: t.field({
      type: 'DateTime',
      description: 'Since when, by the event that said so; null where none did.',
      resolve: (number) => (number.status_since === null ? null : new Date(number.status_since)),
    }),
    regulatoryStatus: t.field({
      type: RegulatoryStatusEnum,
      nullable: false,
      description: 'How far its documents are.',
      resolve: (number) => number.regulatory_status as RegulatoryStatus,
    }),
    smsEnabled: t.boolean({
      description: 'Whether it sends and receives texts; null where DIDfarm never said.',
      resolve: (number) => (number.sms_enabled === null ? null : number.sms_enabled === 1),
    }),
    monthlyRate: t.field({
      type: MoneyRef,
      description: 'What it costs a month, as its transactions say: who may see the one may see the other.',
      resolve: (number) => euros(number.monthly_rate),
    }),
    setupFee: t.field({
      type: MoneyRef,
      description: 'What it cost once.',
      resolve: (number) => euros(number.setup_fee),
    }),
    trunk: t.field({
      type: TrunkRef,
      description: 'Where its calls go; null where it is not assigned, or not known to be.',
      resolve: (number, _args, context) => (number.trunk_key === null ? null : findTrunk(context, number.trunk_key)),
    }),
    client: t.field({
      type: ClientRef,
      description: 'Whose it is: the client of its trunk.',
      resolve: (number, _args, context) => clientOf(context, number),
    }),
  }),
});

const NumberConnection = connectionType('Number', NumberRef, 'own');

const NumberFilterInput = builder.inputType('NumberFilter', {
  description: 'Which numbers; conditions are combined with AND.',
  fields: (t) => ({
    status: t.field({ type: [NumberStatusEnum], description: 'In one of these statuses.' }),
    country: t.field({ type: 'CountryCode', description: 'Of this country.' }),
    type: t.field({ type: NumberTypeEnum, description: 'Of this kind.' }),
    smsEnabled: t.boolean({ description: 'With texts, or known to be without.' }),
    trunk: t.id({ description: 'On this trunk: its global id or uuid.' }),
    client: t.id({ description: 'Of this client: its global id.' }),
    unassigned: t.boolean({ description: 'true: on no trunk; false: on some trunk.' }),
    search: t.string({ description: 'The digits (spaces do not matter) or the city contain this.' }),
  }),
});

const numberArguments = builder.args((t) => ({
  filter: t.field({ type: NumberFilterInput, description: 'Which numbers; all where it is left out.' }),
  ...pageArguments,
}));

builder.objectField(TrunkRef, 'numbers', (t) =>
  t.field({
    type: NumberConnection,
    nullable: false,
    description: 'The numbers whose calls it takes.',
    args: numberArguments,
    resolve: async (trunk, args, context) =>
      connect(
        context,
        numberRows,
        'Trunk.numbers',
        args,
        [sql`trunk_key = ${trunk.trunk_key}`],
        await numberConditions(context, args.filter),
      ),
  }),
);

builder.objectField(ClientRef, 'numbers', (t) =>
  t.field({
    type: NumberConnection,
    nullable: false,
    description: 'The numbers on its trunks.',
    args: numberArguments,
    resolve: async (client, args, context) =>
      connect(
        context,
        numberRows,
        'Client.numbers',
        args,
        [ofClient(client.client_key)],
        await numberConditions(context, args.filter),
      ),
  }),
);

builder.queryFields((t) => ({
  number: t.field({
    ...seenByAll,
    type: NumberRef,
    description: 'One number of the account; null where the gateway does not know it as yours.',
    args: { e164: t.arg({ type: 'PhoneNumber', required: true, description: 'Such as "+31201234567".' }) },
    resolve: (_root, { e164 }, context) => numberByE164(context).load(e164),
  }),
  numbers: t.field({
    ...seenByAll,
    type: NumberConnection,
    description: "The account's numbers, in the order of their digits.",
    args: numberArguments,
    resolve: async (_root, args, context) =>
      connect(context, numberRows, 'Query.numbers', args, [], await numberConditions(context, args.filter)),
  }),
}));
