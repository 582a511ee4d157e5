import type { AvailableNumber } from '../didfarm/client.ts';
import { nullUnless, seenWith } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { connectionType } from '../graph/connections.ts';
import { euros, MoneyRef } from '../graph/money.ts';
import { searchAvailable } from './available.ts';
import { NumberTypeEnum } from './graph.ts';
import { numberType } from './numbers.ts';

const AvailableNumberRef = builder.objectRef<AvailableNumber>('AvailableNumber').implement({
  ...seenWith('market'),
  description: 'A number for sale: buy it with `checkout`.',
  fields: (t) => ({
    e164: t.expose('number', { type: 'PhoneNumber', nullable: false, description: 'The number.' }),
    country: t.expose('country', { type: 'CountryCode', nullable: false, description: 'Where it belongs.' }),
    type: t.field({
      type: NumberTypeEnum,
      nullable: false,
      description: 'What kind it is.',
      resolve: (number) => numberType(number.rawType),
    }),
    rawType: t.exposeString('rawType', { nullable: false, description: "DIDfarm's own word for the type." }),
    city: t.exposeString('city', { description: 'The city of a local number.' }),
    monthlyRate: t.field({
      type: MoneyRef,
      nullable: false,
      description: 'What it costs a month; the first is charged at checkout.',
      resolve: (number) => euros(number.monthlyRate),
    }),
    setupFee: t.field({
      type: MoneyRef,
      nullable: false,
      description: 'What it costs once, at checkout.',
      resolve: (number) => euros(number.setupFee),
    }),
    smsEnabled: t.exposeBoolean('smsEnabled', { nullable: false, description: 'Whether it sends and receives texts.' }),
    requiresRegulatory: t.exposeBoolean('requiresRegulatory', {
      nullable: false,
      description: 'Whether documents must be submitted before it goes live.',
    }),
  }),
});

const AvailableNumberConnection = connectionType('AvailableNumber', AvailableNumberRef, 'market');

builder.queryField('availableNumbers', (t) =>
  t.field({
    ...nullUnless('market'),
    type: AvailableNumberConnection,
    description:
      "What is for sale, in DIDfarm's order. `totalCount` is DIDfarm's own figure. Null for the viewer of one client: a search spends the account's ration of requests.",
    args: {
      country: t.arg({ type: 'CountryCode', required: true, description: 'Such as "NL".' }),
      type: t.arg({ type: NumberTypeEnum, description: 'Of this kind; all where it is left out.' }),
      city: t.arg.string({ description: 'Of this city, such as "Amsterdam".' }),
      first: t.arg.int({ description: 'How many, 1 to 100; 25 where nothing is said.' }),
      after: t.arg.string({ description: 'Only numbers after this cursor.' }),
    },
    resolve: (_root, { first, after, ...search }, context) => searchAvailable(context, search, { first, after }),
  }),
);
