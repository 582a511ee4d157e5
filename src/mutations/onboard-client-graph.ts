import { ClientRef } from '../clients/graph.ts';
import { clientByKey } from '../clients/listing.ts';
import type { TrunkCredentials } from '../didfarm/client.ts';
import { doneBy, seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { NumberRef, NumberTypeEnum } from '../numbers/graph.ts';
import { numberByE164 } from '../numbers/listing.ts';
import { OrderRef } from '../orders/graph.ts';
import { orderById } from '../orders/listing.ts';
import { TrunkRef } from '../trunks/graph.ts';
import { answerOf, keyInput, keyOutput, type Payload, shown, trunkShown } from './answer.ts';
import { credentialsField } from './credentials-graph.ts';
import {
  InsufficientBalanceError,
  NumberUnavailableError,
  OutcomeUnknownError,
  RateLimitedError,
  UpstreamError,
  ValidationError,
} from './errors-graph.ts';
import { type OnboardClientResult, onboardClient } from './onboard-client.ts';

const OnboardClientInput = builder.inputType('OnboardClientInput', {
  description: 'The client, and the number it is to have.',
  fields: (t) => ({
    name: t.string({ required: true, description: "The client's name, 1 to 255 characters." }),
    country: t.field({ type: 'CountryCode', required: true, description: 'Where the number is to belong.' }),
    type: t.field({ type: NumberTypeEnum, required: true, description: 'What kind of number.' }),
    city: t.string({ description: 'In which city; any where it is left out.' }),
    idempotencyKey: t.id(keyInput),
  }),
});

const OnboardClientPayload = builder
  .objectRef<Payload<'OnboardClientPayload', OnboardClientResult, TrunkCredentials>>('OnboardClientPayload')
  .implement({
    ...seenByAll,
    description: 'The client has a number on a trunk of its own.',
    fields: (t) => ({
      client: t.field({
        type: ClientRef,
        nullable: false,
        description: 'The client.',
        resolve: async ({ result }, _args, context) => {
          const { client_key } = await trunkShown(context, result.trunk);
          return shown(clientByKey(context).load(client_key));
        },
      }),
      number: t.field({
        type: NumberRef,
        nullable: false,
        description: 'Its number.',
        resolve: ({ result }, _args, context) => shown(numberByE164(context).load(result.e164)),
      }),
      trunk: t.field({
        type: TrunkRef,
        nullable: false,
        description: 'Its trunk.',
        resolve: ({ result }, _args, context) => trunkShown(context, result.trunk),
      }),
      order: t.field({
        type: OrderRef,
        nullable: false,
        description: 'The order that bought the number.',
        resolve: ({ result }, _args, context) => shown(orderById(context).load(result.orderId)),
      }),
      credentials: t.field(credentialsField),
      idempotencyKey: t.exposeID('idempotencyKey', keyOutput),
    }),
  });

const OnboardClientResultUnion = builder.unionType('OnboardClientResult', {
  description: 'What became of an onboarding.',
  types: [
    OnboardClientPayload,
    InsufficientBalanceError,
    NumberUnavailableError,
    ValidationError,
    RateLimitedError,
    UpstreamError,
    OutcomeUnknownError,
  ],
  resolveType: (answer) => answer.type,
});

builder.mutationField('onboardClient', (t) =>
  t.field({
    ...doneBy('onboardClient'),
    type: OnboardClientResultUnion,
    nullable: false,
    description:
      'Buys a number for a new client, makes its trunk and routes the one to the other. Sent again with its key it goes on where it stopped, and buys nothing twice. The password of the trunk is in the answer of the sending that made it, alone; where that failed at the routing, `regenerateTrunkCredentials` makes a new one. ADMIN only.',
    args: { input: t.arg({ type: OnboardClientInput, required: true, description: 'Who gets what.' }) },
    resolve: (_root, { input: { name, country, type, city, idempotencyKey } }, context) =>
      answerOf(context, 'OnboardClientPayload', onboardClient, idempotencyKey, {
        name,
        country,
        type,
        city: city ?? null,
      }),
  }),
);
