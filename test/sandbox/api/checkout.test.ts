import { expect, test } from 'vitest';
import { type Running, read, run } from '../harness.ts';

const amsterdam = { number: '+31201234567', country: 'NL', type: 'local' };

async function firstOf(api: Running, query: string) {
  const { json } = await api.get(`/numbers/search?${query}`);
  const { number, country, type } = { ...json.data[0] };
  return { number: String(number), country: String(country), type: String(type) };
}

test('a purchase debits the first month and the setup fee, books an order and takes the number off the market', async () => {
  await using api = await run();
  const mobile = await firstOf(api, 'country=NL&type=mobile');
  const { status, json } = await api.post('/wallet/checkout', { items: [amsterdam, mobile] });
  expect(status).toBe(201);
  expect(json.data).toMatchObject({ order_id: 1031, requires_regulatory: true, total: '11.00' });
  expect(json.data.items).toMatchObject([
    { did_number_id: 61, number: amsterdam.number, status: 'provisioning' },
    { did_number_id: 62, number: mobile.number, status: 'provisioning' },
  ]);
  expect((await api.get('/wallet/balance')).json.balance).toBe('131.50');
  const [newest] = (await api.get('/wallet/transactions')).json.data as unknown as object[];
  expect(newest).toMatchObject({ amount: '-11.00', type: 'order', reference_type: 'order', reference_id: 1031 });
  const left = (await api.get('/numbers/search?country=NL&type=local&city=Amsterdam')).json;
  expect(left.meta.total).toBe(47);
  expect(left.data[0]?.number).not.toBe(amsterdam.number);
});

test.each([
  ['a number that is not for sale', [amsterdam, { ...amsterdam, number: '+31209999999' }], 'number_unavailable'],
  ['the same number twice', [amsterdam, amsterdam], 'number_unavailable'],
  ['a country that is not the number’s', [amsterdam, { ...amsterdam, country: 'DE' }], 'number_unavailable'],
  ['a type that is not the number’s', [{ ...amsterdam, type: 'mobile' }], 'validation_error'],
  ['no items', [], 'validation_error'],
])('a purchase with %s is refused as a whole', async (_, items, code) => {
  await using api = await run();
  const { status, json } = await api.post('/wallet/checkout', { items });
  expect([status, json.error.code]).toEqual([422, code]);
  expect(api.sandbox.control.state()).toMatchObject({ balance: '142.50', numbers: 60, transactions: 600 });
  expect((await api.get('/numbers/search?country=NL&type=local&city=Amsterdam')).json.meta.total).toBe(48);
});

test('a number that was sold is not for sale again', async () => {
  await using api = await run();
  await api.post('/wallet/checkout', { items: [amsterdam] });
  const again = await api.post('/wallet/checkout', { items: [amsterdam] });
  expect([again.status, again.json.error.code]).toEqual([422, 'number_unavailable']);
  expect(api.sandbox.control.state()).toMatchObject({ balance: '141.00', numbers: 61 });
});

test('a purchase that the wallet cannot pay leaves everything untouched', async () => {
  await using api = await run({ balance: '2.99' });
  const items = [amsterdam, await firstOf(api, 'country=NL&type=local&city=Rotterdam')];
  const { status, json } = await api.post('/wallet/checkout', { items });
  expect(status).toBe(422);
  expect(json).toEqual({
    error: { code: 'insufficient_balance', message: 'Wallet balance too low for this purchase.', status: 422 },
  });
  expect(api.sandbox.control.state()).toMatchObject({ balance: '2.99', numbers: 60, transactions: 600 });
  expect((await api.post('/wallet/checkout', { items: [amsterdam] })).status).toBe(201);
});

test('a number without documents to show is active a few seconds later', async () => {
  await using api = await run();
  const item = await firstOf(api, 'country=US&type=local');
  const { json } = await api.post('/wallet/checkout', { items: [item] });
  expect(json.data.requires_regulatory).toBe(false);
  const id = Number(json.data.items[0]?.did_number_id);
  expect(api.sandbox.control.world.numbers.byId(id)?.status).toBe('provisioning');
  await api.clock.advance(5000);
  expect(api.sandbox.control.world.numbers.byId(id)).toMatchObject({
    status: 'active',
    activatedAt: api.clock.now() - 2000,
  });
});

test('a number with documents to show stays provisioning until they are approved', async () => {
  await using api = await run();
  const { json } = await api.post('/wallet/checkout', { items: [amsterdam] });
  const id = Number(json.data.items[0]?.did_number_id);
  const number = () => api.sandbox.control.world.numbers.byId(id);
  await api.clock.advance(3_600_000);
  expect(number()).toMatchObject({ status: 'provisioning', regulatoryStatus: 'required' });

  const submitted = await api.post('/api/regulatory/submit', { did_number_id: id, documents: [{ type: 'passport' }] });
  expect(submitted.status).toBe(201);
  expect(submitted.json.data).toEqual({ id: 1, status: 'submitted', did_number_ids: [id] });
  expect(number()?.regulatoryStatus).toBe('submitted');
  await api.clock.advance(65_000);
  expect(number()).toMatchObject({ status: 'active', regulatoryStatus: 'approved' });
});

test('rejected documents leave the number provisioning, and can be submitted again', async () => {
  await using api = await run();
  const { json } = await api.post('/wallet/checkout', { items: [amsterdam] });
  api.sandbox.control.world.regulatory.setOutcome('rejected');
  const submit = () => api.post('/api/regulatory/submit', { order_id: json.data.order_id, documents: [{}] });
  expect((await submit()).status).toBe(201);
  expect((await submit()).json.error.code).toBe('regulatory_not_required');
  await api.clock.advance(65_000);
  expect(api.sandbox.control.world.numbers.byId(61)).toMatchObject({
    status: 'provisioning',
    regulatoryStatus: 'rejected',
  });
  const again = await api.post('/api/regulatory/submit', { number: amsterdam.number, documents: [{}] });
  expect(again.status).toBe(201);
});

test('documents can be files of a form', async () => {
  await using api = await run();
  await api.post('/wallet/checkout', { items: [amsterdam] });
  const form = new FormData();
  form.append('number', amsterdam.number);
  form.append('documents[0][type]', 'passport');
  form.append('documents[0][file]', new Blob([Uint8Array.of(0, 255, 128)], { type: 'image/png' }), 'passport.png');
  const headers = { authorization: `Bearer ${api.sandbox.apiKey}`, accept: 'application/json' };
  const response = await fetch(api.sandbox.regulatoryUrl, { method: 'POST', headers, body: form });
  expect(response.status).toBe(201);
  expect(api.sandbox.control.world.regulatory.submissions()).toEqual([
    {
      id: 1,
      numberIds: [61],
      documents: [{ type: 'passport', file: { name: 'passport.png', type: 'image/png', size: 3 } }],
    },
  ]);
  const broken = { ...headers, 'content-type': 'multipart/form-data; boundary=x' };
  const refused = await fetch(api.sandbox.regulatoryUrl, { method: 'POST', headers: broken, body: 'no form' });
  expect(refused.status).toBe(422);
});

test('a body that is no JSON is refused', async () => {
  await using api = await run();
  const headers = { authorization: `Bearer ${api.sandbox.apiKey}`, accept: 'application/json' };
  const response = await fetch(`${api.sandbox.apiUrl}/wallet/checkout`, { method: 'POST', headers, body: '{"items":' });
  expect([response.status, (await read(response)).json.error.code]).toEqual([422, 'validation_error']);
});

test('a manual review waits for its decision', async () => {
  await using api = await run();
  await api.post('/wallet/checkout', { items: [amsterdam] });
  await api.post('/__sandbox/regulatory', { outcome: 'manual' });
  await api.post('/api/regulatory/submit', { did_number_id: 61, documents: [{}] });
  await api.clock.advance(86_400_000);
  expect(api.sandbox.control.world.numbers.byId(61)?.regulatoryStatus).toBe('submitted');
  await api.post('/__sandbox/regulatory', { did_number_id: 61, decision: 'approved' });
  await api.clock.advance(3000);
  expect(api.sandbox.control.world.numbers.byId(61)).toMatchObject({ status: 'active', regulatoryStatus: 'approved' });
});

test.each([
  ['no documents', { did_number_id: 1 }, 422, 'validation_error'],
  ['no number', { documents: [{}] }, 422, 'validation_error'],
  ['an unknown number', { did_number_id: 4711, documents: [{}] }, 404, 'not_found'],
  ['a number that needs none', { did_number_id: 1, documents: [{}] }, 422, 'regulatory_not_required'],
])('a submission with %s is refused', async (_, body, status, code) => {
  await using api = await run();
  const refused = await api.post('/api/regulatory/submit', body);
  expect([refused.status, refused.json.error.code]).toEqual([status, code]);
});
