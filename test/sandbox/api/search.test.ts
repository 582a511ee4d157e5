import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { expect, test } from 'vitest';
import { type Running, run } from '../harness.ts';

async function allPages(api: Running, query: string): Promise<string[]> {
  const found: string[] = [];
  for (let page = 1; ; page++) {
    const { json } = await api.get(`/numbers/search?${query}&page=${page}`);
    const rows = json.data as unknown as { number: string }[];
    if (rows.length === 0) return found;
    found.push(...rows.map(({ number }) => number));
  }
}

test('the pages of a search hold each number once', async () => {
  await using api = await run();
  const found = await allPages(api, 'country=NL&type=local&city=amsterdam');
  expect(found).toHaveLength(48);
  expect(new Set(found).size).toBe(48);
  const afterPurchase = { items: [{ number: found[3], country: 'NL', type: 'local' }] };
  await api.post('/wallet/checkout', afterPurchase);
  expect(await allPages(api, 'country=NL&type=local&city=Amsterdam')).toEqual(found.filter((_, i) => i !== 3));
});

test('every country sells numbers that are valid there, and all four types are for sale', async () => {
  await using api = await run();
  const found = await allPages(api, '');
  const parsed = found.map((number) => parsePhoneNumberFromString(number));
  expect(parsed.filter((number) => !number?.isValid())).toEqual([]);
  expect(new Set(parsed.map((number) => number?.country))).toEqual(new Set(['NL', 'DE', 'BE', 'GB', 'FR', 'US']));
  for (const type of ['local', 'national', 'mobile', 'toll-free']) {
    expect((await api.get(`/numbers/search?type=${type}`)).json.meta.total).toBeGreaterThan(48);
  }
});

test('nothing is for sale in an unknown country or city', async () => {
  await using api = await run();
  for (const query of ['country=JP', 'country=NL&city=Atlantis', 'country=NL&type=mobile&city=Amsterdam']) {
    expect((await api.get(`/numbers/search?${query}`)).json).toEqual({ data: [], meta: { total: 0, page: 1 } });
  }
});

test.each(['country=Netherlands', 'type=satellite', 'page=0', 'page=x', 'per_page=101'])(
  'a search for %s is refused',
  async (query) => {
    await using api = await run();
    const { status, json } = await api.get(`/numbers/search?${query}`);
    expect([status, json.error.code]).toEqual([422, 'validation_error']);
  },
);

test('an unknown path is not found', async () => {
  await using api = await run();
  const { status, json } = await api.get('/numbers');
  expect([status, json.error.code]).toEqual([404, 'not_found']);
});
