import {
  UpstreamBadResponse,
  UpstreamBreakerOpen,
  UpstreamCallerRefused,
  UpstreamCancelled,
  UpstreamFailure,
  UpstreamForbidden,
  UpstreamInvalidKey,
  UpstreamNotFound,
  UpstreamRateLimited,
  UpstreamServerError,
  UpstreamTimedOut,
  UpstreamUnreachable,
  UpstreamValidation,
} from '../didfarm/errors.ts';
import type { Failure } from './failure.ts';

/**
 * Whether a call that failed may have been done all the same: it was sent, and no answer says that it was refused.
 * An answer that cannot be read counts as done or not, nobody knows.
 */
export function mayHaveHappened(error: unknown): boolean {
  if (error instanceof UpstreamTimedOut || error instanceof UpstreamUnreachable || error instanceof UpstreamCancelled)
    return error.sent;
  return (
    error instanceof UpstreamServerError || error instanceof UpstreamBadResponse || !(error instanceof UpstreamFailure)
  );
}

/** DIDfarm's refusal, or its silence before anything was sent, as data. `paths` translates its field names into the input's. */
export function failureOf(error: UpstreamFailure, paths: (field: string) => string = (field) => field): Failure {
  const upstream = { type: 'UpstreamError', status: error.status ?? null } as const;
  if (error instanceof UpstreamRateLimited)
    return {
      type: 'RateLimitedError',
      code: 'RATE_LIMITED',
      message: "DIDfarm's ration of requests is used up. Nothing was done: send it again later, with the same key.",
      retryAfterSeconds: Math.ceil((error.retryAfterMilliseconds ?? 1_000) / 100) / 10,
      retryable: true,
    };
  if (error instanceof UpstreamCallerRefused)
    return {
      ...upstream,
      code: error.status === 403 ? 'FORBIDDEN' : 'UNAUTHENTICATED',
      message: `DIDfarm does not take your own key or login for this (${error.status}). Nothing was done.`,
      retryable: true,
    };
  if (error instanceof UpstreamInvalidKey || error instanceof UpstreamForbidden)
    return {
      ...upstream,
      code: 'CONFIGURATION',
      message: `DIDfarm refused the gateway's own API key (${error.status}). Nothing was done: whoever runs the gateway must check DIDFARM_API_KEY.`,
      retryable: true,
    };
  if (error instanceof UpstreamValidation)
    return {
      type: 'ValidationError',
      code: (error.upstreamCode ?? 'VALIDATION_FAILED').toUpperCase(),
      message: error.message,
      fields: error.fields.map(({ path, message }) => ({ path: paths(path), message })),
    };
  if (error instanceof UpstreamNotFound)
    return { type: 'NotFoundError', code: 'NOT_FOUND', message: `DIDfarm knows no such thing: ${error.message}` };
  if (error instanceof UpstreamBadResponse)
    return {
      ...upstream,
      code: 'UPSTREAM_BAD_RESPONSE',
      message: `${error.message} Nothing was done: send it again with the same key.`,
      retryable: true,
    };
  const resting = error instanceof UpstreamBreakerOpen;
  return {
    ...upstream,
    code: 'UPSTREAM_UNAVAILABLE',
    message: resting
      ? 'DIDfarm fails repeatedly and is being left alone for a moment. Nothing was done: send it again with the same key.'
      : 'DIDfarm could not be reached. Nothing was done: send it again with the same key.',
    retryable: true,
  };
}
