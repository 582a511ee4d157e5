import { doneBy, seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { NumberTypeEnum } from '../numbers/graph.ts';
import { localAnswerOf } from './answer.ts';
import { ValidationError } from './errors-graph.ts';
import { type ImportNumbersResult, importNumbers } from './import-numbers.ts';

const ImportedNumberInput = builder.inputType('ImportedNumberInput', {
  description: "A number as the portal's list has it. What is left out stays as it is known.",
  fields: (t) => ({
    e164: t.field({ type: 'PhoneNumber', required: true, description: 'The number.' }),
    didNumberId: t.int({ description: "DIDfarm's id for it, which routing takes." }),
    orderId: t.int({ description: 'The order that bought it.' }),
    country: t.field({ type: 'CountryCode', description: 'Where it belongs.' }),
    type: t.field({ type: NumberTypeEnum, description: 'What kind it is.' }),
    city: t.string({ description: 'The city of a local number.' }),
    smsEnabled: t.boolean({ description: 'Whether it sends and receives texts.' }),
    trunk: t.id({ description: 'Where its calls go: the global id or uuid of a trunk.' }),
  }),
});

const ImportNumbersInput = builder.inputType('ImportNumbersInput', {
  description: 'Numbers that were bought before the gateway.',
  fields: (t) => ({
    numbers: t.field({
      type: [ImportedNumberInput],
      required: true,
      description: '1 to 1,000 of them: all are loaded, or none.',
    }),
  }),
});

interface ImportNumbersAnswer {
  readonly type: 'ImportNumbersPayload';
  readonly result: ImportNumbersResult;
}

const ImportNumbersPayload = builder.objectRef<ImportNumbersAnswer>('ImportNumbersPayload').implement({
  ...seenByAll,
  description: 'The numbers are loaded.',
  fields: (t) => ({
    imported: t.int({
      nullable: false,
      description: 'How many are new.',
      resolve: ({ result }) => result.imported,
    }),
    updated: t.int({
      nullable: false,
      description: 'Of how many something new was learnt.',
      resolve: ({ result }) => result.updated,
    }),
  }),
});

const ImportNumbersResultUnion = builder.unionType('ImportNumbersResult', {
  description: 'What became of an import.',
  types: [ImportNumbersPayload, ValidationError],
  resolveType: (answer) => answer.type,
});

builder.mutationField('importNumbers', (t) =>
  t.field({
    ...doneBy('importNumbers'),
    type: ImportNumbersResultUnion,
    nullable: false,
    description:
      'Loads numbers that were bought before the gateway: DIDfarm cannot list them. Sent again it changes nothing. ADMIN only: which numbers the account has decides what its clients see.',
    args: { input: t.arg({ type: ImportNumbersInput, required: true, description: 'The numbers.' }) },
    resolve: (_root, { input: { numbers } }, context) =>
      localAnswerOf(context, 'ImportNumbersPayload', (asker) => importNumbers(asker, numbers)),
  }),
);
