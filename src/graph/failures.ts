import { GraphQLError } from 'graphql';
import { mayRead } from '../access/abilities.ts';
import { AccessUnavailable, Unauthenticated } from '../access/errors.ts';
import type { Viewer } from '../access/viewer.ts';
import {
  UpstreamBadResponse,
  UpstreamBreakerOpen,
  UpstreamCallerRefused,
  UpstreamFailure,
  UpstreamForbidden,
  UpstreamInvalidKey,
  UpstreamNotFound,
  UpstreamRateLimited,
  UpstreamValidation,
} from '../didfarm/errors.ts';

type Extensions = Readonly<Record<string, unknown>>;

function failure(message: string, extensions: Extensions): GraphQLError {
  return new GraphQLError(message, { extensions });
}

function retryAfter({ retryAfterMilliseconds: wait }: UpstreamFailure): Extensions {
  return wait === undefined ? {} : { retryAfterSeconds: Math.ceil(wait / 100) / 10 };
}

/** The one read that carries a viewer's own words; what DIDfarm refuses of the others was the gateway's doing. */
const asksForViewer = (call: string) => !call.startsWith('GET ') || call === 'GET /numbers/search';

/** What the gateway's own code throws, as a viewer is told of it; null for anything else, which is masked. */
export function toGraphQLError(error: unknown): GraphQLError | null {
  return fromAccess(error) ?? fromUpstream(error);
}

/** Their key or login was taken a moment ago, and is not any more; or it may not do this. */
function refusedOfCaller({ status, call }: UpstreamCallerRefused): GraphQLError {
  if (status === 403)
    return failure(`DIDfarm does not let your own key or login do this (403 on ${call}).`, { code: 'FORBIDDEN', call });
  const http = { status: 401, headers: { 'www-authenticate': 'Bearer' } };
  return failure('DIDfarm does not take your key or login any more.', { code: 'UNAUTHENTICATED', http });
}

/** The same words whatever was wrong with what the caller showed. */
function fromAccess(error: unknown): GraphQLError | null {
  if (error instanceof Unauthenticated) {
    const http = { status: error.status, headers: { 'www-authenticate': 'Bearer' } };
    return failure(error.message, { code: error.code, http });
  }
  if (!(error instanceof AccessUnavailable)) return null;
  const http = { status: error.status, headers: { 'retry-after': String(Math.ceil(error.retryAfterSeconds)) } };
  return failure(error.message, { code: error.code, retryAfterSeconds: error.retryAfterSeconds, http });
}

/**
 * A failed call to DIDfarm as a viewer is told of it: with a code, the call, and what to do; null for anything else, which is masked.
 * A refused key or right is the gateway's configuration at fault, never the viewer.
 */
export function fromUpstream(error: unknown): GraphQLError | null {
  if (!(error instanceof UpstreamFailure)) return null;
  const { call } = error;
  if (error instanceof UpstreamRateLimited)
    return failure("DIDfarm's ration of requests is used up: ask again later.", {
      code: 'RATE_LIMITED',
      call,
      retryAfterSeconds: 1,
      ...retryAfter(error),
    });
  if (error instanceof UpstreamCallerRefused) return refusedOfCaller(error);
  if (error instanceof UpstreamInvalidKey || error instanceof UpstreamForbidden)
    return failure(
      `DIDfarm refused the gateway's own API key (${error.status} on ${call}): whoever runs the gateway must check DIDFARM_API_KEY.`,
      { code: 'UPSTREAM_UNAVAILABLE', call, reason: 'CONFIGURATION' },
    );
  if (error instanceof UpstreamValidation && asksForViewer(call))
    return failure(error.message, { code: 'BAD_USER_INPUT', call, fields: error.fields });
  if (error instanceof UpstreamValidation)
    return failure(`DIDfarm refused a request that it should answer (${error.status} on ${call}).`, {
      code: 'UPSTREAM_BAD_RESPONSE',
      call,
      path: '',
    });
  if (error instanceof UpstreamBadResponse || error instanceof UpstreamNotFound)
    return failure('DIDfarm gave an answer that this gateway cannot read.', {
      code: 'UPSTREAM_BAD_RESPONSE',
      call,
      path: error instanceof UpstreamBadResponse ? error.path : '',
    });
  const resting = error instanceof UpstreamBreakerOpen;
  return failure(
    resting ? 'DIDfarm fails repeatedly; it is asked again shortly.' : 'DIDfarm cannot be reached or fails.',
    { code: 'UPSTREAM_UNAVAILABLE', call, ...retryAfter(error) },
  );
}

/**
 * An error as one viewer is told of it: one client's viewer learns nothing of the calls that the gateway makes for the account, nor
 * of its configuration.
 */
export function toldTo(viewer: Viewer, error: GraphQLError): GraphQLError {
  if (mayRead(viewer, 'gateway') || error.extensions['call'] === undefined) return error;
  const { call: _call, path: _path, reason: _reason, fields: _fields, ...extensions } = error.extensions;
  const isFault = extensions['code'] === 'BAD_USER_INPUT';
  const message = isFault ? 'This was refused.' : 'This cannot be answered at the moment: ask again later.';
  const { nodes = null, source = null, positions = null, path = null } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}
