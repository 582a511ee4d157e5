import { expect, test } from 'vitest';
import type { Variants } from '../../src/sandbox/variants.ts';
import { run } from './harness.ts';

const amsterdam = { number: '+31201234567', country: 'NL', type: 'local' };
const withVariants = (variants: Partial<Variants>) => run({ variants });

test('resources and lists can come without an envelope', async () => {
  await using api = await withVariants({ envelope: 'bare' });
  expect((await api.get('/portal/sip-trunks')).json).toHaveLength(20);
  expect((await api.get('/numbers/search?country=NL')).json).toHaveLength(25);
  expect((await api.post('/wallet/checkout', { items: [amsterdam] })).json.order_id).toBe(1031);
});

test.each([
  ['pages', { meta: { page: 2, total_pages: 3, per_page: 10, total: 30 } }],
  ['page-number', { meta: { page_number: 2, per_page: 10, total: 30 } }],
  ['total-only', { meta: { total: 30, per_page: 10 } }],
  ['top-level', { current_page: 2, last_page: 3, per_page: 10, total: 30 }],
  ['none', {}],
] as const)('a page can name its place as %s', async (paging, expected) => {
  await using api = await run({ trunks: 30, variants: { paging, perPage: 10 } });
  const { data, ...rest } = (await api.get('/portal/sip-trunks?page=2')).json;
  expect(data).toHaveLength(10);
  expect(rest).toEqual(expected);
});

test('behind the last page there is nothing, or the last page again', async () => {
  await using api = await withVariants({ paging: 'none' });
  const page = async (number: number) => (await api.get(`/wallet/transactions?page=${number}`)).json.data;
  const last = await page(24);
  expect(await page(25)).toEqual([]);
  api.sandbox.control.variants.set({ beyondLastPage: 'repeat' });
  expect(await page(25)).toEqual(last);
});

test('a trunk can lack either identifier, in lists and when it is created', async () => {
  await using api = await withVariants({ trunkIdentity: 'id', createdTrunkIdentity: 'uuid' });
  const row = async () => Object.keys((await api.get('/portal/sip-trunks')).json.data[0] ?? {});
  expect(await row()).not.toContain('uuid');
  api.sandbox.control.variants.set({ trunkIdentity: 'uuid' });
  expect(await row()).not.toContain('id');
  const created = await api.post('/portal/sip-trunks', { name: 'Acme', auth_type: 'digest' });
  expect(created.json.data).not.toHaveProperty('id');
});

test.each([
  ['active', ['active', 'inactive']],
  ['unknown', ['tr_registered', 'tr_offline']],
] as const)('a trunk’s status can be worded as %s', async (trunkStatus, words) => {
  await using api = await withVariants({ trunkStatus });
  const rows = (await api.get('/portal/sip-trunks')).json.data as unknown as { status: string }[];
  expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(words));
});

test('amounts can be the other JSON type, in the same unit', async () => {
  await using api = await withVariants({
    ratesAs: 'string',
    balanceAs: 'number',
    amountsAs: 'number',
    messageCostAs: 'string',
  });
  expect((await api.get('/numbers/search?city=Amsterdam')).json.data[0]?.monthly_rate).toBe('150');
  expect((await api.get('/wallet/balance')).json.balance).toBe(142.5);
  expect(typeof (await api.get('/wallet/transactions')).json.data[0]?.amount).toBe('number');
  const from = api.sandbox.control.world.numbers.all().find((n) => n.smsEnabled && n.status === 'active')?.e164;
  expect((await api.post('/messages/send', { from, to: '+31687654321', body: 'Hi' })).json.data.cost).toBe('0.008');
});

test.each([
  ['z', /T\d\d:\d\d:\d\dZ$/],
  ['offset', /T\d\d:\d\d:\d\d\+00:00$/],
  ['milliseconds', /:\d\d\.\d{3}Z$/],
  ['microseconds', /:\d\d\.\d{6}Z$/],
  ['fraction-offset', /:\d\d\.\d{3}\+00:00$/],
] as const)('times can be spelled as %s and are the same moment', async (timestamps, pattern) => {
  await using api = await withVariants({ timestamps });
  const { createdAt } = api.sandbox.control.world.history.row(599);
  const time = String((await api.get('/wallet/transactions')).json.data[0]?.created_at);
  expect(time).toMatch(pattern);
  expect(Date.parse(time)).toBe(createdAt);
});

test.each([
  ['string', { error: 'Wallet balance too low for this purchase.' }],
  ['laravel', { message: 'Wallet balance too low for this purchase.' }],
  ['message', { message: 'Wallet balance too low for this purchase.' }],
] as const)('an error can be told as %s', async (errors, body) => {
  await using api = await run({ balance: '1', variants: { errors } });
  const refused = await api.post('/wallet/checkout', { items: [amsterdam] });
  expect([refused.status, refused.json]).toEqual([422, body]);
});

test('an error can be told by its status alone, and Laravel’s names the fields', async () => {
  await using api = await withVariants({ errors: 'laravel' });
  const refuse = () => api.post('/messages/send', {});
  expect(Object.keys((await refuse()).json.errors)).toEqual(['to', 'body']);
  api.sandbox.control.variants.set({ errors: 'empty' });
  const { status, text } = await refuse();
  expect([status, text]).toEqual([422, '']);
});

test('the regulatory flag of a checkout can be in data, at the top, in each item or absent', async () => {
  await using api = await run({ balance: '1000' });
  const offered = (await api.get('/numbers/search?city=Amsterdam')).json.data as unknown as (typeof amsterdam)[];
  const buy = async (i: number, requiresRegulatory: Variants['requiresRegulatory']) => {
    api.sandbox.control.variants.set({ requiresRegulatory });
    const { json } = await api.post('/wallet/checkout', { items: [offered[i]] });
    return [json.data.requires_regulatory, json.requires_regulatory, json.data.items[0]?.requires_regulatory];
  };
  expect(await buy(0, 'data')).toEqual([true, undefined, undefined]);
  expect(await buy(1, 'top')).toEqual([undefined, true, undefined]);
  expect(await buy(2, 'item')).toEqual([undefined, undefined, true]);
  expect(await buy(3, 'absent')).toEqual([undefined, undefined, undefined]);
});

test('words and fields that nobody has documented can appear', async () => {
  await using api = await withVariants({ unknownEnums: true, extraFields: true });
  const [number] = (await api.get('/numbers/search')).json.data as unknown as object[];
  expect(number).toMatchObject({ type: 'shared-cost', legacy_flags: [1, 2], internal_note: null });
  const row = (await api.get('/wallet/transactions')).json.data[0];
  expect(row).toMatchObject({ type: 'loyalty_bonus', reference_type: 'invoice' });
  expect((await api.get('/portal/sip-trunks')).json.data[0]?.status).toBe('degraded');
});

test('fields can be missing or null, in all resources or in one', async () => {
  await using api = await withVariants({ missingFields: ['trunk.username', 'currency'], nullFields: ['number.city'] });
  expect((await api.get('/portal/sip-trunks')).json.data[0]).not.toHaveProperty('username');
  expect((await api.get('/wallet/balance')).json).toEqual({ balance: '142.50' });
  expect((await api.get('/numbers/search?city=Amsterdam')).json.data[0]).toMatchObject({ city: null });
  const created = await api.post('/portal/sip-trunks', { name: 'Acme', auth_type: 'digest' });
  expect(created.json.data).toHaveProperty('username');
});

test('variants are changed and reset over the control, and an unknown one is refused', async () => {
  await using api = await withVariants({ perPage: 5 });
  const changed = await api.call('PATCH', '/__sandbox/variants', { envelope: 'bare' });
  expect(changed.json).toMatchObject({ envelope: 'bare', perPage: 5 });
  expect((await api.get('/portal/sip-trunks')).json).toHaveLength(5);
  expect((await api.call('DELETE', '/__sandbox/variants')).json).toMatchObject({ envelope: 'data', perPage: 5 });
  expect((await api.call('PATCH', '/__sandbox/variants', { envelop: 'bare' })).status).toBe(422);
  expect((await api.get('/__sandbox/variants')).json).toMatchObject({ envelope: 'data' });
});
