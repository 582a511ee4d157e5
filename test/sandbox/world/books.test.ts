import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseEuros } from '../../../src/sandbox/money.ts';
import { type Running, run } from '../harness.ts';

/** Reads every page and adds up the amounts, in thousandths of a euro. */
async function sumOfTransactions(api: Running): Promise<number> {
  let sum = 0;
  for (let page = 1; ; page++) {
    const { json } = await api.get(`/wallet/transactions?per_page=100&page=${page}`);
    const rows = json.data as unknown as { amount: string }[];
    if (rows.length === 0) return sum;
    for (const { amount } of rows) sum += parseEuros(amount);
  }
}

type Step = (api: Running) => Promise<unknown>;

const buy =
  (skip: number, count: number, spoilt: boolean): Step =>
  async (api) => {
    const { json } = await api.get(`/numbers/search?page=${skip + 1}&per_page=10`);
    const items = (json.data as unknown as object[]).slice(0, count);
    const before = api.sandbox.control.state();
    const unknown = { number: '+31200000000', country: 'NL', type: 'local' };
    const answer = await api.post('/wallet/checkout', { items: spoilt ? [...items, unknown] : items });
    const after = api.sandbox.control.state();
    if (answer.status === 201) expect(after.numbers).toBe(before.numbers + items.length);
    else expect(after).toEqual({ ...before, computedTransactions: after.computedTransactions });
  };
const text =
  (index: number, body: string): Step =>
  async (api) => {
    const from = api.sandbox.control.world.numbers.byId(index)?.e164;
    await api.post('/messages/send', { from, to: '+31687654321', body });
  };
const pass =
  (days: number): Step =>
  (api) =>
    api.clock.advance(days * 86_400_000);
const topUp =
  (cents: number): Step =>
  (api) =>
    api.post('/__sandbox/top-up', { euros: (cents / 100).toFixed(2) });

const steps = fc.oneof(
  fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 5 }), fc.boolean()).map((args) => buy(...args)),
  fc.tuple(fc.integer({ min: 1, max: 40 }), fc.string({ minLength: 1, maxLength: 500 })).map((args) => text(...args)),
  fc.integer({ min: 1, max: 40 }).map(pass),
  fc.integer({ min: 1, max: 10_000 }).map(topUp),
);

test('whatever happens, the balance is the sum of all transactions and never below zero', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(60_000), fc.array(steps, { maxLength: 8 }), async (seed, mills, taken) => {
      await using api = await run({ seed, numbers: 40, transactions: 250, balance: (mills / 1000).toFixed(3) });
      for (const step of taken) await step(api);
      const balance = parseEuros(String((await api.get('/wallet/balance')).json.balance));
      expect(balance).toBeGreaterThanOrEqual(0);
      expect(await sumOfTransactions(api)).toBe(balance);
    }),
    { numRuns: 25 },
  );
});
