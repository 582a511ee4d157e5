import { GraphQLError } from 'graphql';
import { type Context, renewAfterMutation } from '../graph/context.ts';
import type { Mutation } from '../operations/engine.ts';
import { ActionFailed, type Failure } from '../operations/failure.ts';
import { readRows } from '../storage/pages.ts';
import type { ShownTrunk } from '../storage/tables.ts';
import { trunkRows } from '../trunks/listing.ts';
import type { OutcomeUnknown } from './errors-graph.ts';
import type { Asker } from './known-trunks.ts';

/** What every payload of a mutation is made of: its ids, the key, and what may be shown only now. */
export interface Payload<Type extends string, Result, Secret = never> {
  readonly type: Type;
  readonly idempotencyKey: string;
  readonly result: Result;
  readonly secret: Secret | null;
}

/** Performs a mutation for a viewer and gives the member of its result union. */
export async function answerOf<Type extends string, Input, Result, Secret = never>(
  context: Context,
  type: Type,
  mutation: Mutation<Input, Result, Secret>,
  idempotencyKey: string | null | undefined,
  input: Input,
): Promise<Payload<Type, Result, Secret> | Failure | OutcomeUnknown> {
  const settled = await context.engine.perform(mutation, {
    viewer: context.viewer.name,
    scope: context.scope,
    idempotencyKey: idempotencyKey ?? null,
    input,
    onSent: context.use.onSent,
    spender: context.use.spender,
  });
  renewAfterMutation(context);
  if (settled.status === 'FAILED') return settled.failure;
  const { idempotencyKey: key } = settled.key;
  if (settled.status === 'SUCCEEDED')
    return { type, idempotencyKey: key, result: settled.result, secret: settled.secret };
  return {
    type: 'OutcomeUnknownError',
    code: 'OUTCOME_UNKNOWN',
    message:
      'It was sent to DIDfarm and the answer was lost. It is not sent again; the gateway is finding out what became of it. Do not send it again with another key: ask for the operation.',
    idempotencyKey: key,
  };
}

/** What a mutation of the local picture gives, or why it was refused: it sends nothing, so it needs no key. */
export async function localAnswerOf<Type extends string, Result>(
  context: Context,
  type: Type,
  work: (asker: Asker) => Promise<Result>,
): Promise<{ readonly type: Type; readonly result: Result } | Failure> {
  try {
    return { type, result: await work({ account: context.account, scope: context.scope, onSent: context.use.onSent }) };
  } catch (error) {
    if (!(error instanceof ActionFailed)) throw error;
    return error.failure;
  } finally {
    renewAfterMutation(context);
  }
}

/** Every mutation that spends or changes something takes one. */
export const keyInput = {
  description:
    'Names this wish, 1 to 255 characters, such as a UUID: sent again with the same key and input it is done only once. Where it is left out the gateway makes one.',
} as const;

export const keyOutput = {
  nullable: false,
  description: 'The key that this was done under: send it again with the same input and nothing more happens.',
} as const;

/** A row that a mutation has just written; were it gone, that is a defect. */
export async function shown<T>(row: Promise<T | null>): Promise<T> {
  const found = await row;
  if (found === null) throw new GraphQLError('What the mutation made is not in the picture.');
  return found;
}

/** The trunk as the mutation left it: DIDfarm is not asked for its listing. */
export async function trunkShown(context: Context, trunkKey: string): Promise<ShownTrunk> {
  const { account, scope } = context;
  const rows = readRows(account.storage, trunkRows.listing, scope, 'trunk_key', [trunkKey]);
  return shown(rows.then(([row]) => row ?? null));
}
