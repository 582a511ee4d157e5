import { builder } from '../graph/builder.ts';

/** OperationStatus of the graph. */
type OperationStatus = 'PENDING' | 'SUCCEEDED' | 'FAILED' | 'UNKNOWN';

interface Failure {
  readonly message: string;
  readonly code: string;
}

interface OperationStep {
  readonly name: string;
  readonly status: OperationStatus;
  readonly at: Date | null;
}

interface Operation {
  readonly idempotencyKey: string;
  readonly mutation: string;
  readonly status: OperationStatus;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly steps: readonly OperationStep[];
  readonly error: Failure | null;
}

const ErrorRef = builder.interfaceRef<Failure>('Error').implement({
  description: 'Something that went wrong and that you can act on: mutations answer with it as data.',
  fields: (t) => ({
    message: t.exposeString('message', {
      nullable: false,
      description: 'What went wrong and what to do, for a person.',
    }),
    code: t.exposeString('code', { nullable: false, description: 'Stable, for a program.' }),
  }),
});

const OperationStatusEnum = builder.enumType('OperationStatus', {
  description: 'What became of an operation or of one of its steps.',
  values: {
    PENDING: { description: 'It has not ended yet.' },
    SUCCEEDED: { description: 'DIDfarm confirmed it.' },
    FAILED: { description: 'It did not happen.' },
    UNKNOWN: { description: 'It was sent and its answer was lost: whether it happened is being found out.' },
  },
});

const OperationStepRef = builder.objectRef<OperationStep>('OperationStep').implement({
  description: 'One call of an operation.',
  fields: (t) => ({
    name: t.exposeString('name', { nullable: false, description: 'What it does, such as "checkout".' }),
    status: t.field({
      type: OperationStatusEnum,
      nullable: false,
      description: 'What became of it.',
      resolve: (step) => step.status,
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When that was known.' }),
  }),
});

const OperationRef = builder.objectRef<Operation>('Operation').implement({
  description: 'A mutation as it was recorded before anything was sent.',
  fields: (t) => ({
    idempotencyKey: t.exposeID('idempotencyKey', { nullable: false, description: 'The key it was sent with.' }),
    mutation: t.exposeString('mutation', { nullable: false, description: 'Which mutation, such as "checkout".' }),
    status: t.field({
      type: OperationStatusEnum,
      nullable: false,
      description: 'What became of it.',
      resolve: (operation) => operation.status,
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: false, description: 'When it was recorded.' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', description: 'When its outcome was known.' }),
    steps: t.field({
      type: [OperationStepRef],
      nullable: false,
      description: 'Its calls, in their order.',
      resolve: (operation) => operation.steps,
    }),
    error: t.expose('error', { type: ErrorRef, description: 'Why it failed.' }),
  }),
});

builder.queryField('operation', (t) =>
  t.field({
    type: OperationRef,
    description:
      'What became of a mutation sent with this key. This version has no mutations, so there is none to find.',
    args: { idempotencyKey: t.arg.id({ required: true, description: 'The key that the mutation was sent with.' }) },
    resolve: () => null,
  }),
);
