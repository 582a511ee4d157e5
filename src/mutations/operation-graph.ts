import { mayRead } from '../access/abilities.ts';
import type { Viewer } from '../access/viewer.ts';
import { seenByAll } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';
import type { Context } from '../graph/context.ts';
import type { Failure } from '../operations/failure.ts';
import { findOperation, findSteps, type OperationKey } from '../operations/store.ts';
import type { OperationRow, OperationStepRow } from '../storage/operation-tables.ts';

builder.mutationType({
  description:
    'Everything that can be done. What can go wrong is data: each result is a union of its payload and its errors. Each is done once for its idempotency key, whatever breaks on the way. What is not yours to do is refused with the code FORBIDDEN, before anything is recorded or sent; what is not yours to see is not there.',
});

type OperationStatus = 'PENDING' | 'SUCCEEDED' | 'FAILED' | 'UNKNOWN';

/** DIDfarm's words on the wallet, and ours on the gateway's own key, are for those who may see the one and the other. */
function wordsFor(viewer: Viewer, { type, code, message }: { type: string; code: string; message: string }): string {
  const isHidden =
    (type === 'InsufficientBalanceError' && !mayRead(viewer, 'account')) ||
    (code === 'CONFIGURATION' && !mayRead(viewer, 'gateway'));
  return isHidden ? 'It cannot be done now. Nothing was done: tell whoever runs this gateway.' : message;
}

/** What every error of a mutation has in common. */
export const ErrorRef = builder.interfaceRef<{ type: string; message: string; code: string }>('Error').implement({
  ...seenByAll,
  resolveType: (error) => error.type,
  description: 'Something that went wrong and that you can act on: mutations answer with it as data.',
  fields: (t) => ({
    message: t.string({
      nullable: false,
      description: 'What went wrong and what to do, for a person.',
      resolve: (error, _args, { viewer }) => wordsFor(viewer, error),
    }),
    code: t.exposeString('code', { nullable: false, description: 'Stable, for a program.' }),
  }),
});

const OperationStatusEnum = builder.enumType('OperationStatus', {
  description: 'What became of an operation or of one of its steps.',
  values: {
    PENDING: {
      description: 'It has not ended yet; one that stopped on the way goes on when it is sent again with its key.',
    },
    SUCCEEDED: { description: 'It happened.' },
    FAILED: { description: 'It did not happen.' },
    UNKNOWN: { description: 'It was sent and its answer was lost: whether it happened is being found out.' },
  },
});

const OperationStepRef = builder.objectRef<OperationStepRow>('OperationStep').implement({
  ...seenByAll,
  description: 'One call of an operation.',
  fields: (t) => ({
    name: t.exposeString('name', { nullable: false, description: 'What it does, such as "checkout".' }),
    status: t.field({
      type: OperationStatusEnum,
      nullable: false,
      description: 'What became of it.',
      resolve: (step) => step.status as OperationStatus,
    }),
    at: t.field({ type: 'DateTime', description: 'Since when that is known.', resolve: (step) => new Date(step.at) }),
  }),
});

export const OperationRef = builder.objectRef<OperationRow>('Operation').implement({
  ...seenByAll,
  description: 'A mutation as it was recorded before anything was sent, and what became of it. Kept for 30 days.',
  fields: (t) => ({
    idempotencyKey: t.id({
      nullable: false,
      description: 'The key it was sent with.',
      resolve: (operation) => operation.idempotency_key,
    }),
    mutation: t.exposeString('mutation', { nullable: false, description: 'Which mutation, such as "checkout".' }),
    status: t.field({
      type: OperationStatusEnum,
      nullable: false,
      description: 'What became of it.',
      resolve: (operation) => operation.status as OperationStatus,
    }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: false,
      description: 'When it was recorded.',
      resolve: (operation) => new Date(operation.started_at),
    }),
    finishedAt: t.field({
      type: 'DateTime',
      description: 'When its outcome was known.',
      resolve: (operation) => (operation.finished_at === null ? null : new Date(operation.finished_at)),
    }),
    steps: t.field({
      type: [OperationStepRef],
      nullable: false,
      description: 'Its calls, in their order.',
      resolve: (operation, _args, context) =>
        findSteps(context.account.storage.db, {
          account: context.scope.account,
          viewer: operation.viewer,
          idempotencyKey: operation.idempotency_key,
        }),
    }),
    findings: t.stringList({
      nullable: false,
      description:
        'What is known of a call whose answer was lost, in sentences for a person: what may be its trace, what is missing, by what it was settled. Empty where none was, and for the viewer of one client: they name what else was bought in those minutes.',
      resolve: (operation, _args, { viewer }) =>
        mayRead(viewer, 'account') ? (JSON.parse(operation.findings ?? '[]') as string[]) : [],
    }),
    error: t.field({
      type: ErrorRef,
      description: 'Why it failed.',
      resolve: (operation) => (operation.error === null ? null : (JSON.parse(operation.error) as Failure)),
    }),
  }),
});

/** The record behind a key of this viewer. */
export async function operationOf(context: Context, idempotencyKey: string): Promise<OperationRow | null> {
  const key: OperationKey = { account: context.scope.account, viewer: context.viewer.name, idempotencyKey };
  return (await findOperation(context.account.storage.db, key)) ?? null;
}

builder.queryField('operation', (t) =>
  t.field({
    ...seenByAll,
    type: OperationRef,
    description: 'What became of a mutation that you sent with this key; null where you sent none, whoever else did.',
    args: { idempotencyKey: t.arg.id({ required: true, description: 'The key that the mutation was sent with.' }) },
    resolve: (_root, { idempotencyKey }, context) => operationOf(context, idempotencyKey),
  }),
);
