import { expect, test } from 'vitest';
import { run } from '../harness.ts';

test('a search answers numbers for sale in the published shape, in EUR cents', async () => {
  await using api = await run();
  const { status, json } = await api.get('/numbers/search?country=NL&type=local&city=Amsterdam');
  expect(status).toBe(200);
  expect(json.data[0]).toEqual({
    number: '+31201234567',
    country: 'NL',
    type: 'local',
    city: 'Amsterdam',
    monthly_rate: 150,
    setup_fee: 0,
    sms_enabled: false,
    requires_regulatory: true,
  });
  expect(json.meta).toEqual({ total: 48, page: 1 });
});

test('the balance is a decimal string without an envelope', async () => {
  await using api = await run();
  expect((await api.get('/wallet/balance')).json).toEqual({ balance: '142.50', currency: 'EUR' });
});

test('transactions come newest first, 25 a page, in a Laravel page', async () => {
  await using api = await run();
  const { json } = await api.get('/wallet/transactions?page=1');
  expect(json.meta).toEqual({ current_page: 1, last_page: 24, per_page: 25, total: 600 });
  expect(json.data[0]).toMatchObject({ id: 600, currency: 'EUR' });
  expect(json.data[24]?.id).toBe(576);
});

test('trunks are listed by both identifiers and without a password', async () => {
  await using api = await run();
  const { json } = await api.get('/portal/sip-trunks');
  expect(json.meta).toEqual({ current_page: 1, last_page: 1, per_page: 25, total: 20 });
  expect(Object.keys(json.data[0] ?? {})).toEqual([
    'id',
    'uuid',
    'name',
    'auth_type',
    'sip_server',
    'username',
    'status',
    'created_at',
  ]);
});

test('a wrong key is refused, and a caller that does not ask for JSON is sent to the login page', async () => {
  await using api = await run();
  const wrong = { authorization: 'Bearer df_live_wrong' };
  const refused = await api.get('/wallet/balance', wrong);
  expect(refused.status).toBe(401);
  expect(refused.json).toEqual({ error: { code: 'unauthenticated', message: 'Unauthenticated.', status: 401 } });
  const sent = await api.get('/wallet/balance', { ...wrong, accept: '*/*' });
  expect(sent.status).toBe(302);
  expect(sent.headers.get('location')).toBe(`${api.sandbox.url}/login`);
});
