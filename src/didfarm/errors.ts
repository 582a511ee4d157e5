/** What was wrong with one field of a request, in DIDfarm's words. */
export interface FieldMessage {
  readonly path: string;
  readonly message: string;
}

/** What is known of a failed call beside its kind. Nothing of it is secret. */
export interface FailureDetails {
  readonly status?: number | undefined;
  /** DIDfarm's own code, such as `insufficient_balance`: an open set. */
  readonly upstreamCode?: string | undefined;
  readonly retryAfterMilliseconds?: number | undefined;
  readonly fields?: readonly FieldMessage[] | undefined;
  readonly cause?: unknown;
}

/** A call to DIDfarm that did not succeed. `call` is its method and path, `GET /wallet/balance`. */
export abstract class UpstreamFailure extends Error {
  readonly call: string;
  readonly status: number | undefined;
  readonly upstreamCode: string | undefined;
  readonly retryAfterMilliseconds: number | undefined;
  readonly fields: readonly FieldMessage[];

  constructor(call: string, message: string, details: FailureDetails = {}) {
    super(`${call}: ${message}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.call = call;
    this.status = details.status;
    this.upstreamCode = details.upstreamCode;
    this.retryAfterMilliseconds = details.retryAfterMilliseconds;
    this.fields = details.fields ?? [];
  }
}

/** 401: the gateway's own key is wrong or missing. A fault of configuration, not of the viewer. */
export class UpstreamInvalidKey extends UpstreamFailure {}

/** 403, and 419 of the cookie login. */
export class UpstreamForbidden extends UpstreamFailure {}

/**
 * 401, 403 or 419 of a call that showed a caller's own key or login in place of the gateway's: it is theirs that DIDfarm does not
 * take, or not for this (403).
 */
export class UpstreamCallerRefused extends UpstreamFailure {}

/** 404. */
export class UpstreamNotFound extends UpstreamFailure {}

/** 422 and every other 4xx: DIDfarm understood the call and refused it, with `upstreamCode` and `fields` where it said why. */
export class UpstreamValidation extends UpstreamFailure {}

/** 429, or the gateway's own budget cannot serve the call before its deadline. `status` is undefined in the second case. */
export class UpstreamRateLimited extends UpstreamFailure {}

/** 5xx. What a call that changes something did is unknown. */
export class UpstreamServerError extends UpstreamFailure {}

/** The network failed. `sent`: the request may have reached DIDfarm. */
export class UpstreamUnreachable extends UpstreamFailure {
  readonly sent: boolean;

  constructor(call: string, sent: boolean, cause: unknown) {
    super(call, sent ? 'the connection broke before the answer was read' : 'no connection could be made', { cause });
    this.sent = sent;
  }
}

/** No answer in time. `sent`: the request may have reached DIDfarm. */
export class UpstreamTimedOut extends UpstreamFailure {
  readonly sent: boolean;

  constructor(call: string, sent: boolean, cause?: unknown) {
    super(call, sent ? 'no answer in time' : 'not sent in time', { cause });
    this.sent = sent;
  }
}

/** DIDfarm failed several times in a row: it is left alone until `retryAfterMilliseconds` have passed. */
export class UpstreamBreakerOpen extends UpstreamFailure {
  constructor(call: string, retryAfterMilliseconds: number) {
    super(call, 'DIDfarm failed repeatedly and is being left alone for a moment', { retryAfterMilliseconds });
  }
}

/** An answer that is none of the published ones. `path` is where, such as `data[3].amount`, or empty for the whole body. */
export class UpstreamBadResponse extends UpstreamFailure {
  readonly path: string;

  constructor(call: string, path: string, problem: string, details: FailureDetails = {}) {
    super(call, path === '' ? problem : `${path}: ${problem}`, details);
    this.path = path;
  }
}

/** The caller is gone. `sent`: the request may have reached DIDfarm. */
export class UpstreamCancelled extends UpstreamFailure {
  readonly sent: boolean;

  constructor(call: string, sent: boolean) {
    super(call, 'cancelled by the caller');
    this.sent = sent;
  }
}

/** The gateway kept the call back itself: that says nothing of DIDfarm, and must not keep those away who may ask. */
export function isOwnRation(error: unknown): boolean {
  return error instanceof UpstreamRateLimited && error.status === undefined;
}
