import type { UpstreamFailure } from '../didfarm/errors.ts';
import { ActionFailed, type Failure } from '../operations/failure.ts';
import { failureOf } from '../operations/outcome.ts';

/** Why DIDfarm refused, in lower case: its code, or its words where it gives no code. */
export function reasonOf(error: UpstreamFailure): string {
  return (error.upstreamCode ?? error.message).toLowerCase();
}

/** The refusal of a call that is paid from the wallet. `paths` translates DIDfarm's field names into the input's. */
export function walletRefusal(error: UpstreamFailure, paths?: (field: string) => string): Failure {
  const failure = failureOf(error, paths);
  if (failure.type !== 'ValidationError' || !/balance|funds/.test(reasonOf(error))) return failure;
  return { ...failure, type: 'InsufficientBalanceError', code: 'INSUFFICIENT_BALANCE' };
}

/** For a call that names nothing that could be missing: a 404 says that DIDfarm does not know the call itself. */
export function withoutNotFound(failure: Failure): Failure {
  if (failure.type !== 'NotFoundError') return failure;
  return { ...failure, type: 'UpstreamError', code: 'UPSTREAM_BAD_RESPONSE', status: 404 };
}

/** A refusal before anything was sent that may be tried again with the same key, since what was missing may become known. */
export function notYet(refusal: ActionFailed): ActionFailed {
  return new ActionFailed({ ...refusal.failure, retryable: true });
}
