import { GraphQLError } from 'graphql';
import { nullUnless, seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import type { Failure, FieldProblem } from '../operations/failure.ts';
import { WalletRef, walletOf } from '../wallet/wallet-graph.ts';
import { ErrorRef, OperationRef, operationOf } from './operation-graph.ts';

/** A mutation was sent and its answer was lost. */
export interface OutcomeUnknown {
  readonly type: 'OutcomeUnknownError';
  readonly code: string;
  readonly message: string;
  readonly idempotencyKey: string;
}

const FieldErrorRef = builder.objectRef<FieldProblem>('FieldError').implement({
  ...seenByAll,
  description: 'What is wrong with one field of the input.',
  fields: (t) => ({
    path: t.exposeString('path', { nullable: false, description: 'Where, such as "items.0.e164".' }),
    message: t.exposeString('message', { nullable: false, description: 'What is wrong and what to do.' }),
  }),
});

export const InsufficientBalanceError = builder.objectRef<Failure>('InsufficientBalanceError').implement({
  ...seenByAll,
  interfaces: [ErrorRef],
  description: 'The wallet holds too little. Nothing was bought: top it up, and send it again with a new key.',
  fields: (t) => ({
    wallet: t.field({
      ...nullUnless('account'),
      type: WalletRef,
      description: 'The wallet as it is now; null for the viewer of one client.',
      resolve: (_failure, _args, context) => walletOf(context),
    }),
  }),
});

export const NumberUnavailableError = builder.objectRef<Failure>('NumberUnavailableError').implement({
  ...seenByAll,
  interfaces: [ErrorRef],
  description: 'Somebody else was faster. Nothing was bought: search again.',
  fields: (t) => ({
    numbers: t.field({
      type: ['PhoneNumber'],
      nullable: false,
      description: 'Which are gone; all that were asked for, where DIDfarm does not say.',
      resolve: (failure) => [...(failure.numbers ?? [])],
    }),
  }),
});

export const ValidationError = builder.objectRef<Failure>('ValidationError').implement({
  ...seenByAll,
  interfaces: [ErrorRef],
  description: 'The input cannot be used. Nothing was done.',
  fields: (t) => ({
    fields: t.field({
      type: [FieldErrorRef],
      nullable: false,
      description: 'What is wrong, field by field.',
      resolve: (failure) => failure.fields ?? [],
    }),
  }),
});

export const NotFoundError = builder.objectRef<Failure>('NotFoundError').implement({
  ...seenByAll,
  interfaces: [ErrorRef],
  description: 'There is no such thing, or none that you may see. Nothing was done.',
});

export const RateLimitedError = builder.objectRef<Failure>('RateLimitedError').implement({
  ...seenByAll,
  interfaces: [ErrorRef],
  description: "DIDfarm's ration of requests is used up. Nothing was done: send it again later with the same key.",
  fields: (t) => ({
    retryAfterSeconds: t.float({
      nullable: false,
      description: 'When it is worth trying again.',
      resolve: (failure) => failure.retryAfterSeconds ?? 1,
    }),
  }),
});

export const UpstreamError = builder.objectRef<Failure>('UpstreamError').implement({
  ...seenByAll,
  interfaces: [ErrorRef],
  description: 'DIDfarm refused it or could not be reached. Nothing was done.',
  fields: (t) => ({
    status: t.int({
      description: "DIDfarm's HTTP status; null where it was never reached.",
      resolve: (failure) => failure.status ?? null,
    }),
    retryable: t.boolean({
      nullable: false,
      description: 'Whether sending it again with the same key tries again.',
      resolve: (failure) => failure.retryable ?? false,
    }),
  }),
});

export const OutcomeUnknownError = builder.objectRef<OutcomeUnknown>('OutcomeUnknownError').implement({
  ...seenByAll,
  interfaces: [ErrorRef],
  description:
    'It was sent and its answer was lost. It is never sent again by itself; the gateway finds out what became of it: ask `operation(idempotencyKey:)` again in a few seconds.',
  fields: (t) => ({
    operation: t.field({
      type: OperationRef,
      nullable: false,
      description: 'The record, with what is known by now.',
      resolve: async (unknown, _args, context) => {
        const operation = await operationOf(context, unknown.idempotencyKey);
        if (operation === null) throw new GraphQLError('The record of the operation is gone.');
        return operation;
      },
    }),
  }),
});
