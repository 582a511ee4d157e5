import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { UpstreamInvalidKey, UpstreamRateLimited, UpstreamServerError } from '../../src/didfarm/errors.ts';
import { toGraphQLError, toldTo } from '../../src/graph/failures.ts';
import { viewerOf } from '../support/viewers.ts';

const failures = [
  new UpstreamInvalidKey('GET /wallet', 'DIDfarm answered 401: Unauthenticated', { status: 401 }),
  new UpstreamServerError('GET /wallet', 'DIDfarm answered 503', { status: 503, retryAfterMilliseconds: 2_000 }),
  new UpstreamRateLimited('GET /wallet', 'DIDfarm answered 429', { status: 429, retryAfterMilliseconds: 2_000 }),
];

test.each(failures)('one client’s viewer learns of $name when to come back, and nothing of the call', (failure) => {
  const known = toGraphQLError(failure) ?? expect.unreachable();
  const placed = new GraphQLError(known.message, { path: ['trunks'], extensions: known.extensions });

  expect(toldTo(viewerOf('READER'), placed)).toBe(placed);
  const told = toldTo(viewerOf('CLIENT', { client: 'acme' }), placed).toJSON();

  expect(JSON.stringify(told)).not.toMatch(/wallet|DIDFARM_API_KEY|CONFIGURATION/);
  expect(told).toMatchObject({ path: ['trunks'], extensions: { code: known.extensions['code'] } });
  expect(told.extensions?.['retryAfterSeconds']).toBe(known.extensions['retryAfterSeconds']);
});
