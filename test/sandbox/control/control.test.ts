import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { createSandbox } from '../../../src/sandbox/sandbox.ts';
import { read, run } from '../harness.ts';

const header =
  'e164,did_number_id,country,type,city,sms_enabled,trunk_uuid,status,monthly_rate_cents,setup_fee_cents,order_id,activated_at,regulatory_status';

test('the account’s numbers are there as a file to import', async () => {
  await using api = await run({ numbers: 200 });
  await api.post('/wallet/checkout', { items: [{ number: '+31201234567', country: 'NL', type: 'local' }] });
  const { headers, text } = await api.get('/__sandbox/numbers.csv');
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(text.split('\n')[0]).toBe(header);
  expect(text).toBe(api.sandbox.control.numbersCsv());
  const rows: Record<string, string>[] = parse(text, { columns: true });
  expect(rows).toHaveLength(201);
  const statuses = new Set(rows.map((row) => row['status']));
  expect(statuses).toEqual(new Set(['active', 'suspended', 'released', 'provisioning']));
  expect(rows.at(-1)).toEqual({
    e164: '+31201234567',
    did_number_id: '201',
    country: 'NL',
    type: 'local',
    city: 'Amsterdam',
    sms_enabled: 'false',
    trunk_uuid: '',
    status: 'provisioning',
    monthly_rate_cents: '150',
    setup_fee_cents: '0',
    order_id: '1101',
    activated_at: '',
    regulatory_status: 'required',
  });
  const first = api.sandbox.control.world.numbers.byId(1);
  expect(rows[0]).toMatchObject({ e164: first?.e164, activated_at: new Date(first?.activatedAt ?? 0).toISOString() });
});

test('calls are counted by route, and not those of the control', async () => {
  await using api = await run();
  await api.get('/wallet/transactions?page=1');
  await api.get('/wallet/transactions?page=2');
  await api.post('/portal/sip-trunks/trk_x/regenerate-credentials');
  await api.post('/api/regulatory/submit');
  await api.get('/nowhere');
  await api.get('/wallet/balance', { authorization: 'Bearer wrong' });
  expect((await api.get('/__sandbox/calls')).json).toEqual({
    total: 6,
    refused: 0,
    busiestMinute: 6,
    routes: {
      'GET /wallet/transactions': 2,
      'POST /portal/sip-trunks/{uuid}/regenerate-credentials': 1,
      'POST /api/regulatory/submit': 1,
      'GET /nowhere': 1,
      'GET /wallet/balance': 1,
    },
  });
  expect(api.sandbox.control.callLog().map(({ status }) => status)).toEqual([200, 200, 404, 422, 404, 401]);
  expect((await api.call('DELETE', '/__sandbox/calls')).json).toMatchObject({ total: 0, routes: {} });
});

test('the busiest minute is the most calls that any 60 seconds held', async () => {
  await using api = await run();
  for (const wait of [0, 30_000, 30_000, 30_000]) {
    await api.clock.advance(wait);
    await api.get('/wallet/balance');
  }
  expect(api.sandbox.control.calls().busiestMinute).toBe(2);
});

test('its own clock moves on demand, and a month passes with its renewals', async () => {
  const sandbox = createSandbox({ startAt: Date.parse('2026-04-05T12:00:00Z'), balance: '500', rateLimit: null });
  await sandbox.listen();
  const active = sandbox.control.world.numbers
    .all()
    .filter(({ status }) => status === 'active')
    .toArray().length;
  const response = await fetch(`${sandbox.url}/__sandbox/clock`, { method: 'POST', body: '{"advance":"30d"}' });
  const { json } = await read(response);
  expect(Date.parse(String(json.now))).toBeGreaterThanOrEqual(Date.parse('2026-05-05T12:00:00Z'));
  expect(sandbox.control.state().transactions).toBeGreaterThanOrEqual(600 + active);
  await sandbox.close();
});

test('a clock that was passed in is moved by its owner only', async () => {
  await using api = await run();
  const { status, json } = await api.post('/__sandbox/clock', { advance: 1000 });
  expect([status, json.error.code]).toEqual([409, 'clock_not_ours']);
  expect((await api.get('/__sandbox/clock')).json).toEqual({ now: '2026-04-05T12:00:00.000Z' });
});

test('the control chooses an account by its key', async () => {
  await using api = await run({ accounts: [{ apiKey: 'df_live_other', balance: '1' }] });
  await api.post('/__sandbox/top-up?account=df_live_other', { euros: '0.50' });
  const { json } = await api.get('/__sandbox/state');
  expect(json.accounts).toMatchObject([
    { apiKey: 'df_live_sandbox', balance: '142.50' },
    { apiKey: 'df_live_other', balance: '1.50' },
  ]);
  expect((await api.get('/__sandbox/numbers.csv?account=nobody')).status).toBe(422);
});

test('the control explains itself and refuses what it does not know', async () => {
  await using api = await run();
  const page = await api.get('/__sandbox/');
  for (const path of ['clock', 'faults', 'variants', 'calls', 'state', 'emit', 'numbers.csv', 'webhooks']) {
    expect(page.text).toContain(`/__sandbox/${path}`);
  }
  expect((await api.get('/__sandbox/none')).status).toBe(404);
  expect((await api.post('/__sandbox/clock', { advance: 'soon' })).status).toBe(422);
  expect((await api.post('/__sandbox/trunk', { uuid: 'trk_none', status: 'offline' })).status).toBe(404);
});
