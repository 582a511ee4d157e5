import { describe, expect, test } from 'vitest';
import { failureFrom } from '../../src/didfarm/refusal.ts';

const refuse = (status: number, body: unknown, secrets: readonly string[] = []) =>
  failureFrom({
    call: 'POST /wallet/checkout',
    status,
    text: typeof body === 'string' ? body : JSON.stringify(body),
    retryAfterMilliseconds: undefined,
    secrets,
  });

describe('the status line decides the kind', () => {
  test.each([
    [301, 'UpstreamBadResponse'],
    [400, 'UpstreamValidation'],
    [401, 'UpstreamInvalidKey'],
    [403, 'UpstreamForbidden'],
    [404, 'UpstreamNotFound'],
    [409, 'UpstreamValidation'],
    [419, 'UpstreamForbidden'],
    [422, 'UpstreamValidation'],
    [429, 'UpstreamRateLimited'],
    [500, 'UpstreamServerError'],
    [503, 'UpstreamServerError'],
    [599, 'UpstreamServerError'],
  ])('%i is %s whatever the body says', (status, name) => {
    const body = { error: { code: 'x', message: 'y', status: 200 } };
    expect(refuse(status, body)).toMatchObject({ name, status, call: 'POST /wallet/checkout' });
  });
});

describe('the body is read', () => {
  test('as published', () => {
    const body = { error: { code: 'insufficient_balance', message: 'Wallet balance too low.', status: 422 } };
    const failure = refuse(422, body);
    expect(failure.upstreamCode).toBe('insufficient_balance');
    expect(failure.message).toBe('POST /wallet/checkout: DIDfarm answered 422: Wallet balance too low.');
  });

  test.each([
    ['an error string', { error: 'No such trunk.' }, 'No such trunk.'],
    ['a message', { message: 'Gone fishing.' }, 'Gone fishing.'],
    ['an error object without a message', { error: { code: 'x' } }, 'Unprocessable Entity'],
    ['an error that is a number', { error: 5, message: 'Five.' }, 'Five.'],
    ['an array', [], 'Unprocessable Entity'],
    ['HTML', '<html>Login</html>', 'Unprocessable Entity'],
    ['nothing', '', 'Unprocessable Entity'],
  ])('as %s', (_, body, message) => {
    expect(refuse(422, body).message).toBe(`POST /wallet/checkout: DIDfarm answered 422: ${message}`);
  });

  test("with Laravel's field messages", () => {
    const body = {
      message: 'The data was invalid.',
      errors: { 'items.0.number': ['taken', 'odd'], country: 'unknown' },
    };
    expect(refuse(422, body).fields).toEqual([
      { path: 'items.0.number', message: 'taken' },
      { path: 'items.0.number', message: 'odd' },
      { path: 'country', message: 'unknown' },
    ]);
  });
});

test('what must not be repeated is taken out, and length is bounded', () => {
  const body = {
    error: { code: 'hello Bob', message: `df_live_abc123 said hello Bob ${'x'.repeat(10_000)}` },
    errors: { body: ['hello Bob'] },
  };
  const failure = refuse(422, body, ['hello Bob']);
  expect(failure.upstreamCode).toBe('[redacted]');
  expect(failure.message).toContain('[redacted] said [redacted]');
  expect(failure.message.length).toBeLessThan(600);
  expect(failure.fields).toEqual([{ path: 'body', message: '[redacted]' }]);
});
