import type { Scope } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import type { Spender } from '../didfarm/client.ts';
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

export interface Sending<Input> {
  readonly viewer: string;
  /** What of the account the viewer may name in the input. */
  readonly scope: Scope;
  /** Null: one is made. */
  readonly idempotencyKey: string | null;
  readonly input: Input;
  readonly onSent: () => void;
  /** Whose part of the ration its calls are taken from. */
  readonly spender?: Spender | undefined;
}

/** Runs mutations so that the same key is done once, whatever breaks on the way. */
export interface Engine {
  perform<Input, Result, Secret = never>(
    mutation: Mutation<Input, Result, Secret>,
    sending: Sending<Input>,
  ): Promise<Settled<Result, Secret>>;
  /**
   * What a run that ended left pending: a call that may have been sent is UNKNOWN, the rest goes on when it is sent again.
   * True where another run that lives has some pending still.
   */
  recover(): Promise<boolean>;
  /** Resolves when no mutation is under way. */
  idle(): Promise<void>;
}
