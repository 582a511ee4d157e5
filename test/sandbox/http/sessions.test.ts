import { expect, test } from 'vitest';
import { type Answered, type Running, run } from '../harness.ts';

const credentials = { email: 'owner@example.com', password: 'sandbox' };
const noKey = { authorization: '' };

function cookiesOf({ headers }: Answered) {
  const pairs = headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
  const token = pairs.find((pair) => pair.startsWith('XSRF-TOKEN='))?.split('=')[1] ?? '';
  return { cookie: pairs.join('; '), 'x-xsrf-token': decodeURIComponent(token), ...noKey };
}

async function logIn(api: Running) {
  const guest = cookiesOf(await api.get('/sanctum/csrf-cookie', noKey));
  const answer = await api.post('/login', credentials, guest);
  expect(answer.status).toBe(204);
  return cookiesOf(answer);
}

test('a browser that has logged in reads with its cookies alone, and changes things with the XSRF token', async () => {
  await using api = await run();
  const { 'x-xsrf-token': token, ...cookies } = await logIn(api);
  expect((await api.get('/wallet/balance', cookies)).json.balance).toBe('142.50');
  const trunk = { name: 'Acme Corp', auth_type: 'digest' };
  const refused = await api.post('/portal/sip-trunks', trunk, cookies);
  expect([refused.status, refused.json.error.message]).toEqual([419, 'CSRF token mismatch.']);
  expect((await api.post('/portal/sip-trunks', trunk, { ...cookies, 'x-xsrf-token': 'x' })).status).toBe(419);
  expect((await api.post('/portal/sip-trunks', trunk, { ...cookies, 'x-xsrf-token': token })).status).toBe(201);
});

test('cookies count against the same limit as the account’s key', async () => {
  await using api = await run({ rateLimit: 1 });
  const cookies = await logIn(api);
  expect((await api.get('/wallet/balance', cookies)).status).toBe(200);
  expect((await api.get('/wallet/balance')).status).toBe(429);
});

test('nobody logs in with a wrong password, without the token, or as a guest', async () => {
  await using api = await run();
  const guest = cookiesOf(await api.get('/sanctum/csrf-cookie', noKey));
  expect((await api.post('/login', { ...credentials, password: 'x' }, guest)).status).toBe(422);
  expect((await api.post('/login', credentials, { cookie: guest.cookie })).status).toBe(419);
  expect((await api.post('/login', credentials, noKey)).status).toBe(419);
  expect((await api.get('/wallet/balance', guest)).status).toBe(401);
});

test('a login replaces the guest’s session', async () => {
  await using api = await run();
  const guest = cookiesOf(await api.get('/sanctum/csrf-cookie', noKey));
  await api.post('/login', credentials, guest);
  expect((await api.get('/wallet/balance', guest)).status).toBe(401);
});

test('a key that may only read is forbidden to change anything', async () => {
  await using api = await run();
  const reader = { authorization: `Bearer ${api.sandbox.apiKey}_read` };
  expect((await api.get('/wallet/balance', reader)).status).toBe(200);
  const refused = await api.post('/portal/sip-trunks', { name: 'Acme', auth_type: 'digest' }, reader);
  expect([refused.status, refused.json.error.code]).toEqual([403, 'forbidden']);
});

test('accounts have keys, worlds and logins of their own', async () => {
  const other = { apiKey: 'df_live_other', seed: 9, email: 'other@example.com', balance: '1', trunks: 3 };
  await using api = await run({ accounts: [other] });
  const theirs = await api.get('/portal/sip-trunks', { authorization: 'Bearer df_live_other' });
  expect(theirs.json.meta.total).toBe(3);
  const guest = cookiesOf(await api.get('/sanctum/csrf-cookie', noKey));
  const login = await api.post('/login', { ...credentials, email: other.email }, guest);
  expect((await api.get('/wallet/balance', cookiesOf(login))).json.balance).toBe('1.00');
  expect(api.sandbox.control.account('df_live_other').state().balance).toBe('1.00');
  await expect(run({ accounts: [{}] })).rejects.toThrow('apiKey of its own');
});
