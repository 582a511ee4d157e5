/** The error types of the graph's mutation results. */
export type FailureType =
  | 'InsufficientBalanceError'
  | 'NumberUnavailableError'
  | 'ValidationError'
  | 'NotFoundError'
  | 'RateLimitedError'
  | 'UpstreamError';

/** What was wrong with one field of a mutation's input. `path` is in the input's own terms, such as `items.0.e164`. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** Why a mutation did not happen, as data: for the graph's answer, and for the record of the operation. */
export interface Failure {
  readonly type: FailureType;
  /** Stable, for a program. */
  readonly code: string;
  /** What went wrong and what to do, for a person. */
  readonly message: string;
  readonly fields?: readonly FieldProblem[];
  /** E.164. */
  readonly numbers?: readonly string[];
  readonly status?: number | null;
  readonly retryAfterSeconds?: number;
  /** Nothing was processed: the same key may be sent again, and tries again. */
  readonly retryable?: boolean;
}

/** Thrown inside a mutation to end it with a {@link Failure}. */
export class ActionFailed extends Error {
  override readonly name = 'ActionFailed';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Input that cannot be used; `code` is VALIDATION_FAILED where nothing more exact fits. */
export function invalid(fields: readonly FieldProblem[], code = 'VALIDATION_FAILED'): ActionFailed {
  const [first] = fields;
  const message = first === undefined ? 'The input cannot be used.' : `${first.path}: ${first.message}`;
  return new ActionFailed({ type: 'ValidationError', code, message, fields });
}

/** Something that is not there, or that the viewer may not see: the same words for both. */
export function notFound(what: string): ActionFailed {
  return new ActionFailed({ type: 'NotFoundError', code: 'NOT_FOUND', message: `There is no such ${what}.` });
}
