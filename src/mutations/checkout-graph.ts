import { doneBy, nullUnless, seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import { NumberRef, NumberTypeEnum } from '../numbers/graph.ts';
import { numberByE164 } from '../numbers/listing.ts';
import { OrderRef } from '../orders/graph.ts';
import { orderById } from '../orders/listing.ts';
import { WalletRef, walletOf } from '../wallet/wallet-graph.ts';
import { answerOf, keyInput, keyOutput, type Payload, shown } from './answer.ts';
import { type CheckoutResult, checkout } from './checkout.ts';
import {
  InsufficientBalanceError,
  NotFoundError,
  NumberUnavailableError,
  OutcomeUnknownError,
  RateLimitedError,
  UpstreamError,
  ValidationError,
} from './errors-graph.ts';

const CheckoutItemInput = builder.inputType('CheckoutItemInput', {
  description: 'One number to buy, as `availableNumbers` gave it.',
  fields: (t) => ({
    e164: t.field({ type: 'PhoneNumber', required: true, description: 'The number.' }),
    country: t.field({ type: 'CountryCode', required: true, description: 'Its country.' }),
    type: t.field({ type: NumberTypeEnum, required: true, description: 'Its kind.' }),
  }),
});

const CheckoutInput = builder.inputType('CheckoutInput', {
  description: 'What to buy.',
  fields: (t) => ({
    items: t.field({
      type: [CheckoutItemInput],
      required: true,
      description: '1 to 100 numbers: all of them are bought, or none.',
    }),
    idempotencyKey: t.id(keyInput),
  }),
});

const CheckoutPayload = builder.objectRef<Payload<'CheckoutPayload', CheckoutResult>>('CheckoutPayload').implement({
  ...seenByAll,
  description: 'The numbers are bought.',
  fields: (t) => ({
    order: t.field({
      type: OrderRef,
      nullable: false,
      description: 'The order.',
      resolve: ({ result }, _args, context) => shown(orderById(context).load(result.orderId)),
    }),
    numbers: t.field({
      type: [NumberRef],
      nullable: false,
      description: 'The numbers: PROVISIONING, or as a webhook has said already.',
      resolve: async ({ result }, _args, context) =>
        (await numberByE164(context).loadMany(result.numbers)).flatMap((row) =>
          row instanceof Error || row === null ? [] : [row],
        ),
    }),
    wallet: t.field({
      ...nullUnless('account'),
      type: WalletRef,
      description: 'The wallet afterwards.',
      resolve: (_payload, _args, context) => walletOf(context),
    }),
    idempotencyKey: t.exposeID('idempotencyKey', keyOutput),
  }),
});

const CheckoutResultUnion = builder.unionType('CheckoutResult', {
  description: 'What became of a checkout.',
  types: [
    CheckoutPayload,
    InsufficientBalanceError,
    NumberUnavailableError,
    ValidationError,
    NotFoundError,
    RateLimitedError,
    UpstreamError,
    OutcomeUnknownError,
  ],
  resolveType: (answer) => answer.type,
});

builder.mutationField('checkout', (t) =>
  t.field({
    ...doneBy('checkout'),
    type: CheckoutResultUnion,
    nullable: false,
    description:
      'Buys numbers from the wallet, all or none. Sent again with its key it buys nothing more, and answers as the first time. ADMIN only.',
    args: { input: t.arg({ type: CheckoutInput, required: true, description: 'What to buy.' }) },
    resolve: (_root, { input: { idempotencyKey, ...input } }, context) =>
      answerOf(context, 'CheckoutPayload', checkout, idempotencyKey, input),
  }),
);
