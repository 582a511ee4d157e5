import { expect, test } from 'vitest';
import { UpstreamBadResponse } from '../../src/didfarm/errors.ts';
import { failureOf } from '../../src/operations/outcome.ts';

test('an answer that was read before anything was sent, and cannot be read, is told with its call and field', () => {
  const error = new UpstreamBadResponse('GET /portal/sip-trunks', 'data.0.name', 'is missing', { status: 200 });

  const failure = failureOf(error);

  expect(failure).toMatchObject({
    type: 'UpstreamError',
    code: 'UPSTREAM_BAD_RESPONSE',
    status: 200,
    retryable: true,
  });
  expect(failure.message).toMatch(/GET \/portal\/sip-trunks.*data\.0\.name.*Nothing was done/);
});
