import { describe, expect, onTestFinished, test } from 'vitest';
import { readAllPages } from '../../src/didfarm/pages.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { createFakeClock } from '../support/clock.ts';
import { optional } from '../support/differences.ts';
import { createSetting, failureOf } from './support/upstream.ts';

type Variants = NonNullable<SandboxOptions['variants']>;

async function begin(variants: Variants = {}) {
  const clock = createFakeClock();
  const sandbox: Sandbox = createSandbox({ clock, rateLimit: null, trunks: 30, transactions: 120, variants });
  await sandbox.listen();
  onTestFinished(() => sandbox.close());
  const setting = createSetting(sandbox.apiUrl, { apiKey: sandbox.apiKey, rateLimit: 1_000 }, clock);
  const call = setting.in(60_000);
  return { sandbox, client: setting.client, clock, call };
}

/** Everything a client can read, as it stands in one world. */
async function readAll(variants: Variants) {
  const { client, call, sandbox } = await begin(variants);
  const trunks = await readAllPages((page) => client.listTrunks({ page }, call), {
    maxPages: 50,
    keyOf: ({ uuid, sipTrunkId }) => uuid ?? String(sipTrunkId),
  });
  const transactions = await readAllPages((page) => client.listTransactions({ page }, call), {
    maxPages: 50,
    keyOf: ({ transactionId }) => transactionId,
  });
  const search = await client.searchNumbers({ country: 'NL', type: 'mobile' }, call);
  return {
    balance: await client.readBalance(call),
    trunks,
    transactions,
    search: search.items,
    calls: sandbox.control.calls().total,
  };
}

describe('an account reads the same', () => {
  // Where the last page is not named, one more must be read to know it.
  test.each<[Variants, number]>([
    [{ envelope: 'bare' }, 11],
    [{ paging: 'pages' }, 9],
    [{ paging: 'page-number' }, 9],
    [{ paging: 'total-only' }, 9],
    [{ paging: 'top-level' }, 9],
    [{ paging: 'none' }, 11],
    [{ paging: 'none', beyondLastPage: 'repeat' }, 11],
    [{ envelope: 'bare', beyondLastPage: 'repeat' }, 11],
    [{ ratesAs: 'string', balanceAs: 'number', amountsAs: 'number' }, 9],
    [{ timestamps: 'offset' }, 9],
    [{ timestamps: 'fraction-offset' }, 9],
    [{ timestamps: 'microseconds' }, 9],
    [{ extraFields: true }, 9],
  ])('with %o, in %i calls', async (variants, calls) => {
    const expected = await readAll({});
    const read = await readAll(variants);
    expect(read.calls).toBe(calls);
    expect(read.balance).toEqual(expected.balance);
    expect(read.search).toEqual(expected.search);
    expect(read.trunks.items).toEqual(expected.trunks.items);
    expect(read.transactions.items).toEqual(expected.transactions.items);
    expect([read.trunks.complete, read.trunks.items.length]).toEqual([true, 30]);
    expect([read.transactions.complete, read.transactions.items.length]).toEqual([true, 120]);
    expect(read.transactions.items.every(({ createdAt }) => createdAt !== null)).toBe(true);
  });
});

describe('what is listed', () => {
  test('is read as the guide publishes it', async () => {
    const { client, call } = await begin();
    const page = await client.searchNumbers({ country: 'NL', type: 'local', city: 'Amsterdam' }, call);
    expect(page).toMatchObject({ page: 1, lastPage: null, total: 48 });
    expect(page.items[0]).toEqual({
      number: expect.stringMatching(/^\+31201\d+$/),
      country: 'NL',
      rawType: 'local',
      city: 'Amsterdam',
      monthlyRate: '1.50',
      setupFee: '0.00',
      smsEnabled: false,
      requiresRegulatory: true,
    });
  });

  test.each([
    ['id', { uuid: null, sipTrunkId: expect.any(Number) }],
    ['uuid', { uuid: expect.any(String), sipTrunkId: null }],
  ] as const)('may carry its %s alone', async (trunkIdentity, identity) => {
    const { client, call } = await begin({ trunkIdentity });
    const { items } = await client.listTrunks({}, call);
    for (const item of items) expect(item).toMatchObject(identity);
  });

  test('keeps words that nobody knows as they are', async () => {
    const { client, call } = await begin({ trunkStatus: 'unknown', unknownEnums: true });
    expect((await client.listTrunks({}, call)).items[0]?.status).toMatch(/^tr_/);
    const transactions = await client.listTransactions({}, call);
    expect(transactions.items.map(({ kind }) => kind)).toContain('loyalty_bonus');
    expect(transactions.items.map(({ referenceType }) => referenceType)).toContain('invoice');
    expect((await client.searchNumbers({ country: 'NL' }, call)).items[0]?.rawType).toBe('shared-cost');
  });

  test.each(['missingFields', 'nullFields'] as const)('does without its optional fields (%s)', async (way) => {
    const { client, call } = await begin({ [way]: optional });
    expect(await client.readBalance(call)).toEqual({ balance: '142.50', currency: 'EUR' });
    expect((await client.searchNumbers({ country: 'NL' }, call)).items[0]).toMatchObject({
      city: null,
      smsEnabled: false,
    });
    expect((await client.listTrunks({}, call)).items[0]).toMatchObject({
      sipServer: null,
      username: null,
      status: null,
    });
    expect((await client.listTransactions({}, call)).items[0]).toMatchObject({
      kind: null,
      description: null,
      createdAt: null,
      referenceType: null,
      referenceId: null,
    });
  });
});

describe('a missing required field is named with its call', () => {
  type Reading = Awaited<ReturnType<typeof begin>>;
  test.each<[string[], string, string, ({ client, call }: Reading) => Promise<unknown>]>([
    [['balance'], 'GET /wallet/balance', 'balance', ({ client, call }) => client.readBalance(call)],
    [['amount'], 'GET /wallet/transactions', 'data[0].amount', ({ client, call }) => client.listTransactions({}, call)],
    [
      ['transaction.id'],
      'GET /wallet/transactions',
      'data[0].id',
      ({ client, call }) => client.listTransactions({}, call),
    ],
    [['trunk.name'], 'GET /portal/sip-trunks', 'data[0].name', ({ client, call }) => client.listTrunks({}, call)],
    [['trunk.id', 'uuid'], 'GET /portal/sip-trunks', 'data[0]', ({ client, call }) => client.listTrunks({}, call)],
    [
      ['monthly_rate'],
      'GET /numbers/search',
      'data[0].monthly_rate',
      ({ client, call }) => client.searchNumbers({ country: 'NL' }, call),
    ],
    [
      ['password'],
      'POST /portal/sip-trunks',
      'data.password',
      ({ client, call }) => client.createTrunk({ name: 'n', authType: 'digest' }, call),
    ],
  ])('%o', async (missingFields, name, path, make) => {
    const beginning = await begin({ missingFields });
    expect(await failureOf(make(beginning))).toMatchObject({ name: 'UpstreamBadResponse', call: name, path });
    expect(beginning.sandbox.control.calls().total).toBe(1);
  });
});

describe('a checkout', () => {
  const buy = async ({ client, call }: Awaited<ReturnType<typeof begin>>, type: string) => {
    const { items } = await client.searchNumbers({ country: 'NL', type }, call);
    const number = items[0]?.number ?? '';
    return { number, answer: await client.checkout([{ number, country: 'NL', type }], call) };
  };

  test.each(['data', 'top', 'item'] as const)('tells of documents in its %s', async (requiresRegulatory) => {
    for (const envelope of ['data', 'bare'] as const) {
      const beginning = await begin({ requiresRegulatory, envelope });
      const { number, answer } = await buy(beginning, 'local');
      expect(answer).toMatchObject({ orderId: expect.any(Number), requiresRegulatory: true });
      expect(answer.items).toMatchObject([
        { number, didNumberId: expect.any(Number), monthlyRate: '1.50', setupFee: '0.00' },
      ]);
      expect((await buy(beginning, 'mobile')).answer.requiresRegulatory).toBe(false);
    }
  });

  test('is worth its order even where nothing else is said', async () => {
    const beginning = await begin({ missingFields: ['items', 'item.did_number_id', 'order.created_at'] });
    expect((await buy(beginning, 'local')).answer).toMatchObject({
      orderId: expect.any(Number),
      items: [],
      createdAt: null,
    });
  });

  test.each(['object', 'string', 'laravel', 'message', 'empty'] as const)(
    'that is refused says so, whatever the shape of the error (%s)',
    async (errors) => {
      const { client, call, sandbox } = await begin({ errors });
      const failure = await failureOf(client.checkout([{ number: '+31201', country: 'NL', type: 'local' }], call));
      expect(failure).toMatchObject({ name: 'UpstreamValidation', status: 422, call: 'POST /wallet/checkout' });
      expect(sandbox.control.calls().total).toBe(1);
    },
  );
});

test('trunks, routing and texts go the whole way', async () => {
  const beginning = await begin();
  const { client, call } = beginning;
  const trunk = await client.createTrunk({ name: 'Acme Corp', authType: 'digest' }, call);
  expect(trunk).toMatchObject({ name: 'Acme Corp', status: 'provisioning', password: expect.any(String) });
  const renewed = await client.regenerateCredentials(trunk.uuid ?? '', call);
  expect(renewed.password).not.toBe(trunk.password);
  const { items } = await client.searchNumbers({ country: 'NL', type: 'mobile' }, call);
  const number = items[0]?.number ?? '';
  const order = await client.checkout([{ number, country: 'NL', type: 'mobile' }], call);
  const route = { didNumberId: order.items[0]?.didNumberId ?? 0, sipTrunkId: trunk.sipTrunkId ?? 0 };
  expect(await client.routeNumber(route, call)).toMatchObject(route);
  await beginning.clock.advance(600_000);
  const later = { ...call, deadline: beginning.clock.now() + 60_000 };
  const sent = await client.sendMessage({ from: number, to: '+31687654321', body: 'Hello' }, later);
  expect(sent).toMatchObject({ messageId: expect.any(String), segments: 1, cost: '0.008', currency: 'EUR' });
});
