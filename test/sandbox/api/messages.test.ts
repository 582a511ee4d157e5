import { expect, test } from 'vitest';
import { type Running, run } from '../harness.ts';

const sender = (api: Running) =>
  api.sandbox.control.world.numbers.all().find(({ smsEnabled, status }) => smsEnabled && status === 'active')?.e164;

test.each(['/messages/send', '/sms/messages'])('POST %s sends a text and debits the wallet exactly', async (path) => {
  await using api = await run();
  const from = sender(api);
  const { status, json } = await api.post(path, { from, to: '+31687654321', body: 'Your appointment is confirmed.' });
  expect(status).toBe(201);
  expect(json.data).toEqual({
    id: 1,
    from,
    to: '+31687654321',
    body: 'Your appointment is confirmed.',
    direction: 'outbound',
    status: 'queued',
    segments: 1,
    cost: 0.008,
    currency: 'EUR',
    carrier: 'sandbox',
    created_at: '2026-04-05T12:00:00Z',
  });
  expect((await api.get('/wallet/balance')).json.balance).toBe('142.492');
  expect((await api.get('/wallet/transactions')).json.data[0]).toMatchObject({ amount: '-0.008', type: 'sms' });
  await api.clock.advance(5000);
  expect((await api.get('/sms/messages')).json.data[0]?.status).toBe('delivered');
});

test.each([
  ['a'.repeat(160), 1],
  ['a'.repeat(161), 2],
  [`${'a'.repeat(159)}€`, 2],
  ['ж'.repeat(70), 1],
  ['ж'.repeat(71), 2],
  ['a'.repeat(1600), 10],
])('a text is charged by its segments (case %#)', async (body, segments) => {
  await using api = await run();
  const { json } = await api.post('/messages/send', { from: sender(api), to: '+31687654321', body });
  expect(json.data).toMatchObject({ segments, cost: (segments * 8) / 1000 });
});

test.each([
  ['a sender that is not ours', { from: '+31600000000' }, 'invalid_sender'],
  ['a sender that cannot text', { from_number_id: 1 }, 'sms_not_supported'],
  ['no sender', { from: undefined }, 'validation_error'],
  ['a receiver that is no number', { to: '0612345678' }, 'validation_error'],
  ['no words', { body: '' }, 'validation_error'],
  ['too many words', { body: 'a'.repeat(1601) }, 'validation_error'],
])('a text with %s is refused and costs nothing', async (_, change, code) => {
  await using api = await run();
  const good = { from: 'from_number_id' in change ? undefined : sender(api), to: '+31687654321', body: 'Hello' };
  const { status, json } = await api.post('/messages/send', { ...good, ...change });
  expect([status, json.error.code]).toEqual([422, code]);
  expect(api.sandbox.control.state()).toMatchObject({ balance: '142.50', messages: 0, transactions: 600 });
});

test('a text that the wallet cannot pay is refused', async () => {
  await using api = await run({ balance: '0.007' });
  const { json } = await api.post('/messages/send', { from: sender(api), to: '+31687654321', body: 'Hello' });
  expect(json.error.code).toBe('insufficient_balance');
});

test('messages are listed newest first, with the filters of the SMS page', async () => {
  await using api = await run();
  const from = sender(api);
  const id = api.sandbox.control.world.numbers.byE164(from ?? '')?.id ?? 0;
  await api.post('/messages/send', { from, to: '+31687654321', body: 'one' });
  await api.clock.advance(60_000);
  api.sandbox.control.world.messages.receive(id, '+31611111111', 'two');
  const bodies = async (query: string) =>
    ((await api.get(`/sms/messages?${query}`)).json.data as unknown as { body: string }[]).map(({ body }) => body);
  expect(await bodies('')).toEqual(['two', 'one']);
  expect(await bodies('direction=inbound')).toEqual(['two']);
  expect(await bodies('status=delivered')).toEqual(['one']);
  expect(await bodies(`number_id=${id}&to=%2B31687654321`)).toEqual(['one']);
  expect(await bodies('number_id=1')).toEqual([]);
  expect(await bodies('since=2026-04-05T12:00:30Z')).toEqual(['two']);
  expect(await bodies('per_page=1&page=2')).toEqual(['one']);
  expect((await api.get('/sms/messages?per_page=101')).status).toBe(422);
});

test('the numbers that can text are listed', async () => {
  await using api = await run({ numbers: 300 });
  const able = api.sandbox.control.world.numbers
    .all()
    .filter((n) => n.smsEnabled && n.status === 'active')
    .toArray();
  const { json } = await api.get('/sms/numbers?per_page=100');
  expect(json.meta.total).toBe(able.length);
  expect(json.data[0]).toEqual({ id: able[0]?.id, number: able[0]?.e164, country: able[0]?.country });
});
