import type { TrunkCredentials } from '../didfarm/client.ts';
import { doneBy, seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { TrunkRef } from '../trunks/graph.ts';
import { answerOf, keyInput, keyOutput, type Payload, trunkShown } from './answer.ts';
import { credentialsField } from './credentials-graph.ts';
import {
  NotFoundError,
  OutcomeUnknownError,
  RateLimitedError,
  UpstreamError,
  ValidationError,
} from './errors-graph.ts';
import { trunkName } from './known-trunks.ts';
import { type RegenerateCredentialsResult, regenerateCredentials } from './regenerate-credentials.ts';

const RegenerateTrunkCredentialsInput = builder.inputType('RegenerateTrunkCredentialsInput', {
  description: 'Whose credentials to replace.',
  fields: (t) => ({
    trunk: t.id({ required: true, description: 'The trunk: its global id or uuid.' }),
    idempotencyKey: t.id(keyInput),
  }),
});

const RegenerateTrunkCredentialsPayload = builder
  .objectRef<Payload<'RegenerateTrunkCredentialsPayload', RegenerateCredentialsResult, TrunkCredentials>>(
    'RegenerateTrunkCredentialsPayload',
  )
  .implement({
    ...seenByAll,
    description: 'The credentials are new, and the old ones do no longer work.',
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

const RegenerateTrunkCredentialsResultUnion = builder.unionType('RegenerateTrunkCredentialsResult', {
  description: 'What became of replacing the credentials.',
  types: [
    RegenerateTrunkCredentialsPayload,
    ValidationError,
    NotFoundError,
    RateLimitedError,
    UpstreamError,
    OutcomeUnknownError,
  ],
  resolveType: (answer) => answer.type,
});

builder.mutationField('regenerateTrunkCredentials', (t) =>
  t.field({
    ...doneBy('regenerateTrunkCredentials'),
    type: RegenerateTrunkCredentialsResultUnion,
    nullable: false,
    description:
      "Replaces a trunk's credentials. Careful: this disconnects the client's PBX at once; no calls pass until it registers with the new ones. The password is in this one answer. ADMIN only.",
    args: {
      input: t.arg({ type: RegenerateTrunkCredentialsInput, required: true, description: 'Whose credentials.' }),
    },
    resolve: (_root, { input: { trunk, idempotencyKey } }, context) =>
      answerOf(context, 'RegenerateTrunkCredentialsPayload', regenerateCredentials, idempotencyKey, {
        trunk: trunkName(trunk),
      }),
  }),
);
