import { expect, test } from 'vitest';
import type { FaultInput } from '../../../src/sandbox/http/faults.ts';
import { run } from '../harness.ts';

const newTrunk = { name: 'Acme Corp', auth_type: 'digest' };
const creation: Pick<FaultInput, 'method' | 'path'> = { method: 'POST', path: '/portal/sip-trunks' };

test('a status is answered for so many calls, after so many others, without the work', async () => {
  await using api = await run();
  api.sandbox.control.faults.add({ kind: 'status', status: 503, times: 2, skip: 1, ...creation });
  const answers = [];
  for (let i = 0; i < 4; i++) answers.push((await api.post('/portal/sip-trunks', newTrunk)).status);
  expect(answers).toEqual([201, 503, 503, 201]);
  expect(api.sandbox.control.state().trunks).toBe(22);
});

test('a status has the code, message and headers that were asked for, and can come after the work', async () => {
  await using api = await run();
  const fault = {
    kind: 'status',
    status: 500,
    code: 'oops',
    message: 'Oops',
    headers: { 'retry-after': '7' },
  } as const;
  api.sandbox.control.faults.add({ ...fault, ...creation, processed: true });
  const { headers, json } = await api.post('/portal/sip-trunks', newTrunk);
  expect(json).toEqual({ error: { code: 'oops', message: 'Oops', status: 500 } });
  expect(headers.get('retry-after')).toBe('7');
  expect(api.sandbox.control.state().trunks).toBe(21);
});

test.each([
  ['cut-before', 20],
  ['cut-after', 21],
  ['cut-body', 21],
] as const)('the connection can be %s: then %i trunks exist', async (kind, trunks) => {
  await using api = await run();
  api.sandbox.control.faults.add({ kind, ...creation });
  await expect(api.post('/portal/sip-trunks', newTrunk)).rejects.toThrow();
  expect(api.sandbox.control.state().trunks).toBe(trunks);
  expect((await api.get('/portal/sip-trunks')).status).toBe(200);
});

test('an answer can be half of its JSON, HTML, a redirect to the login page or empty', async () => {
  await using api = await run();
  const meet = async (kind: FaultInput['kind']) => {
    api.sandbox.control.faults.add({ kind, times: 1, path: '/wallet/*' });
    return api.get('/wallet/balance');
  };
  const truncated = await meet('truncated');
  expect([truncated.status, truncated.text]).toEqual([200, '{"balance":"142.50"']);
  const html = await meet('html');
  expect([html.status, html.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(html.text).toContain('<html>');
  const redirect = await meet('redirect');
  expect([redirect.status, redirect.headers.get('location')]).toEqual([302, `${api.sandbox.url}/login`]);
  const empty = await meet('empty');
  expect([empty.status, empty.text]).toEqual([200, '']);
});

test('latency passes on the sandbox’s clock, and the work is done after it', async () => {
  await using api = await run();
  api.sandbox.control.faults.add({ kind: 'latency', latency: 5000, ...creation });
  let answered = false;
  const answer = api.post('/portal/sip-trunks', newTrunk).finally(() => {
    answered = true;
  });
  while (api.sandbox.control.calls().total === 0) await new Promise(setImmediate);
  await api.clock.advance(4999);
  expect([answered, api.sandbox.control.state().trunks]).toEqual([false, 20]);
  await api.clock.advance(1);
  expect((await answer).status).toBe(201);
});

test('a call that hangs is never answered, and ends with the sandbox', async () => {
  const api = await run();
  api.sandbox.control.faults.add({ kind: 'hang' });
  const answer = api.get('/wallet/balance');
  const failed = expect(answer).rejects.toThrow();
  while (api.sandbox.control.calls().total === 0) await new Promise(setImmediate);
  await api.sandbox.close();
  await failed;
});

test('a fault meets only its method, path, query and account', async () => {
  await using api = await run({ accounts: [{ apiKey: 'df_live_other' }] });
  const { faults } = api.sandbox.control;
  const other = { authorization: 'Bearer df_live_other' };
  faults.add({ kind: 'status', method: 'GET', path: '/wallet/transactions?page=2' });
  expect((await api.get('/wallet/transactions?page=1')).status).toBe(200);
  expect((await api.get('/wallet/transactions?page=2')).status).toBe(500);
  faults.clear();
  const take = faults.add({ kind: 'status', account: 'df_live_other', path: '/api/v1/wallet/balance' });
  expect((await api.get('/wallet/balance')).status).toBe(200);
  expect((await api.get('/wallet/balance', other)).status).toBe(500);
  take();
  expect((await api.get('/wallet/balance', other)).status).toBe(200);
});

test('the control adds, lists and clears faults, and refuses what is none', async () => {
  await using api = await run();
  const added = await api.post('/__sandbox/faults', { kind: 'status', path: '/wallet/*', status: 503 });
  expect(added.json[0]).toMatchObject({ kind: 'status', status: 503 });
  expect((await api.get('/wallet/balance')).status).toBe(503);
  expect((await api.call('DELETE', '/__sandbox/faults')).json).toEqual([]);
  expect((await api.get('/wallet/balance')).status).toBe(200);
  expect((await api.post('/__sandbox/faults', { kind: 'earthquake' })).status).toBe(422);
});
