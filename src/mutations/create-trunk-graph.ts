import type { TrunkCredentials } from '../didfarm/client.ts';
import { doneBy, seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { TrunkRef } from '../trunks/graph.ts';
import { answerOf, keyInput, keyOutput, type Payload, trunkShown } from './answer.ts';
import { type CreateTrunkResult, createTrunk } from './create-trunk.ts';
import { credentialsField } from './credentials-graph.ts';
import { OutcomeUnknownError, RateLimitedError, UpstreamError, ValidationError } from './errors-graph.ts';

const CreateTrunkInput = builder.inputType('CreateTrunkInput', {
  description: 'The trunk to make.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: "The client's name, 1 to 255 characters: it says whose the trunk is.",
    }),
    authType: t.string({ defaultValue: 'digest', description: 'How the PBX proves itself.' }),
    idempotencyKey: t.id(keyInput),
  }),
});

const CreateTrunkPayload = builder
  .objectRef<Payload<'CreateTrunkPayload', CreateTrunkResult, TrunkCredentials>>('CreateTrunkPayload')
  .implement({
    ...seenByAll,
    description: 'The trunk is made.',
    fields: (t) => ({
      trunk: t.field({
        type: TrunkRef,
        nullable: false,
        description: 'The trunk.',
        resolve: ({ result }, _args, context) => trunkShown(context, result.trunk),
      }),
      credentials: t.field(credentialsField),
      idempotencyKey: t.exposeID('idempotencyKey', keyOutput),
    }),
  });

const CreateTrunkResultUnion = builder.unionType('CreateTrunkResult', {
  description: 'What became of making a trunk.',
  types: [CreateTrunkPayload, ValidationError, RateLimitedError, UpstreamError, OutcomeUnknownError],
  resolveType: (answer) => answer.type,
});

builder.mutationField('createTrunk', (t) =>
  t.field({
    ...doneBy('createTrunk'),
    type: CreateTrunkResultUnion,
    nullable: false,
    description:
      'Makes a SIP trunk for a client. Its password is in this one answer: the gateway keeps no copy, and a repeat of the key answers without it. ADMIN only.',
    args: { input: t.arg({ type: CreateTrunkInput, required: true, description: 'The trunk to make.' }) },
    resolve: (_root, { input: { name, authType, idempotencyKey } }, context) =>
      answerOf(context, 'CreateTrunkPayload', createTrunk, idempotencyKey, { name, authType: authType ?? 'digest' }),
  }),
);
