import { expect, test } from 'vitest';
import { type Running, run } from '../harness.ts';

async function statuses(api: Running, count: number): Promise<number[]> {
  const answers: number[] = [];
  for (let i = 0; i < count; i++) answers.push((await api.get('/wallet/balance')).status);
  return answers;
}

test('60 calls a minute are answered by default, the next is refused in the published shape', async () => {
  await using api = await run({ rateLimit: undefined });
  expect(await statuses(api, 60)).toEqual(Array.from({ length: 60 }, () => 200));
  const refused = await api.get('/wallet/balance');
  expect(refused.status).toBe(429);
  expect(refused.json).toEqual({
    error: { code: 'rate_limit_exceeded', message: 'Too Many Attempts.', status: 429 },
  });
  expect(api.sandbox.control.calls()).toMatchObject({ total: 61, refused: 1, busiestMinute: 61 });
});

test('a fixed window opens with its first call and closes for all calls at once', async () => {
  await using api = await run({ rateLimit: 2 });
  await statuses(api, 1);
  await api.clock.advance(50_000);
  expect(await statuses(api, 2)).toEqual([200, 429]);
  await api.clock.advance(10_000);
  expect(await statuses(api, 3)).toEqual([200, 200, 429]);
});

test('a sliding window lets go of each call after a minute', async () => {
  await using api = await run({ rateLimit: 2, variants: { rateLimitWindow: 'sliding' } });
  await statuses(api, 1);
  await api.clock.advance(50_000);
  await statuses(api, 1);
  await api.clock.advance(10_000);
  expect(await statuses(api, 2)).toEqual([200, 429]);
});

test('Laravel’s headers: limit and remaining always, reset and Retry-After when refused', async () => {
  await using api = await run({ rateLimit: 1 });
  const { headers: first } = await api.get('/wallet/balance');
  expect([first.get('x-ratelimit-limit'), first.get('x-ratelimit-remaining')]).toEqual(['1', '0']);
  expect([first.get('x-ratelimit-reset'), first.get('retry-after')]).toEqual([null, null]);
  await api.clock.advance(20_500);
  const { headers: refused } = await api.get('/wallet/balance');
  expect(refused.get('retry-after')).toBe('40');
  expect(refused.get('x-ratelimit-reset')).toBe(String(Date.parse('2026-04-05T12:01:00Z') / 1000));
});

test('Retry-After may be an HTTP date, headers may always be there, or never', async () => {
  await using api = await run({ rateLimit: 1, variants: { retryAfter: 'date', rateLimitHeaders: 'all' } });
  expect((await api.get('/wallet/balance')).headers.get('x-ratelimit-reset')).not.toBeNull();
  const { headers } = await api.get('/wallet/balance');
  expect(headers.get('retry-after')).toBe('Sun, 05 Apr 2026 12:01:00 GMT');
  api.sandbox.control.variants.set({ retryAfter: 'absent', rateLimitHeaders: 'absent' });
  const bare = await api.get('/wallet/balance');
  expect(bare.status).toBe(429);
  expect([...bare.headers.keys()].filter((name) => /limit|retry/.test(name))).toEqual([]);
});

test('each account has its own limit', async () => {
  await using api = await run({ rateLimit: 1, accounts: [{ apiKey: 'df_live_other', balance: '7' }] });
  expect(await statuses(api, 2)).toEqual([200, 429]);
  const other = await api.get('/wallet/balance', { authorization: 'Bearer df_live_other' });
  expect(other.json).toEqual({ balance: '7.00', currency: 'EUR' });
});

test('the limit can be changed and lifted while it runs', async () => {
  await using api = await run({ rateLimit: 1 });
  expect(await statuses(api, 2)).toEqual([200, 429]);
  expect((await api.call('PUT', '/__sandbox/rate-limit', { limit: null })).status).toBe(200);
  const { headers, status } = await api.get('/wallet/balance');
  expect([status, headers.get('x-ratelimit-limit')]).toEqual([200, null]);
});
