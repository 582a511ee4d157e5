import { doneBy, seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { NumberRef } from '../numbers/graph.ts';
import { numberByE164 } from '../numbers/listing.ts';
import { answerOf, keyInput, keyOutput, type Payload, shown } from './answer.ts';
import {
  NotFoundError,
  OutcomeUnknownError,
  RateLimitedError,
  UpstreamError,
  ValidationError,
} from './errors-graph.ts';
import { type SubmitRegulatoryResult, submitRegulatory } from './submit-regulatory.ts';

const RegulatoryDocumentInput = builder.inputType('RegulatoryDocumentInput', {
  description: 'One document: a PDF, JPEG or PNG.',
  fields: (t) => ({
    type: t.string({ required: true, description: 'What it is, such as "passport".' }),
    filename: t.string({ required: true, description: 'Such as "passport.pdf".' }),
    contentType: t.string({ required: true, description: '"application/pdf", "image/jpeg" or "image/png".' }),
    content: t.string({ required: true, description: 'The file in base64; 10 MB at most in all.' }),
  }),
});

const SubmitRegulatoryInput = builder.inputType('SubmitRegulatoryInput', {
  description: 'The documents that a number waits for.',
  fields: (t) => ({
    number: t.field({ type: 'PhoneNumber', required: true, description: 'One of your numbers.' }),
    documents: t.field({ type: [RegulatoryDocumentInput], required: true, description: '1 to 20 of them.' }),
    idempotencyKey: t.id(keyInput),
  }),
});

const SubmitRegulatoryPayload = builder
  .objectRef<Payload<'SubmitRegulatoryPayload', SubmitRegulatoryResult>>('SubmitRegulatoryPayload')
  .implement({
    ...seenByAll,
    description: 'The documents are under review.',
    fields: (t) => ({
      number: t.field({
        type: NumberRef,
        nullable: false,
        description: 'The number: SUBMITTED, or as a webhook has said already.',
        resolve: ({ result }, _args, context) => shown(numberByE164(context).load(result.e164)),
      }),
      idempotencyKey: t.exposeID('idempotencyKey', keyOutput),
    }),
  });

const SubmitRegulatoryResultUnion = builder.unionType('SubmitRegulatoryResult', {
  description: 'What became of a submission.',
  types: [
    SubmitRegulatoryPayload,
    ValidationError,
    NotFoundError,
    RateLimitedError,
    UpstreamError,
    OutcomeUnknownError,
  ],
  resolveType: (answer) => answer.type,
});

builder.mutationField('submitRegulatory', (t) =>
  t.field({
    ...doneBy('submitRegulatory'),
    type: SubmitRegulatoryResultUnion,
    nullable: false,
    description:
      'Submits the documents that a number waits for. `numberStatus` tells when they are approved or rejected. The gateway keeps no copy. ADMIN and OPERATOR.',
    args: { input: t.arg({ type: SubmitRegulatoryInput, required: true, description: 'The documents.' }) },
    resolve: (_root, { input: { number, documents, idempotencyKey } }, context) =>
      answerOf(context, 'SubmitRegulatoryPayload', submitRegulatory, idempotencyKey, { number, documents }),
  }),
);
