import type { Account } from '../account.ts';
import type { Failure } from './failure.ts';
import type { Operation } from './operation.ts';
import type { OperationKey } from './store.ts';

/** One kind of mutation. `Result` is JSON: ids of what it made, from which its payload is read. */
export interface Mutation<Input, Result, Secret = never> {
  readonly name: string;
  /** What of the input is kept, for going on and finding out. Default: all of it. Never a password, a document or a text. */
  readonly kept?: (input: Input) => unknown;
  /** Sent again after a failure it goes on where it stopped. Default: false, the failure is its answer. */
  readonly resumable?: boolean;
  /** Sent again with its key, after it was done: what was never kept of its input may be needed where its answer was lost. */
  readonly repeated?: (account: Account, input: Input, result: Result) => Promise<void>;
  run(operation: Operation, input: Input): Promise<Done<Result, Secret>>;
}

/** `secret` reaches this one answer and nothing else. */
export interface Done<Result, Secret = never> {
  readonly result: Result;
  readonly secret?: Secret | null;
}

/** What a mutation's sender is told. */
export type Settled<Result, Secret = never> =
  | {
      readonly status: 'SUCCEEDED';
      readonly key: OperationKey;
      readonly result: Result;
      readonly secret: Secret | null;
    }
  | { readonly status: 'FAILED'; readonly key: OperationKey; readonly failure: Failure }
  | { readonly status: 'UNKNOWN'; readonly key: OperationKey };

export type AnyMutation = Mutation<never, unknown, unknown>;
export type AnySettled = Settled<unknown, unknown>;
