import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHistory, type HistoryShape } from '../../../src/sandbox/world/history.ts';
import { run } from '../harness.ts';

const startAt = Date.parse('2026-04-05T12:00:00Z');
const shapes = fc.record({
  seed: fc.nat(),
  startAt: fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2028-12-31') }),
  transactions: fc.nat(3000),
  numbers: fc.oneof(fc.nat(5), fc.nat(2000)),
  trunks: fc.nat(40),
  balance: fc.nat(1_000_000),
});
const rowsOf = (shape: HistoryShape) => {
  const history = createHistory(shape);
  return Array.from({ length: history.count }, (_, i) => history.row(i));
};

test('any history adds up to its balance, to the tenth of a cent', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      expect(rowsOf(shape).reduce((sum, { amount }) => sum + amount, 0)).toBe(shape.balance);
    }),
    { numRuns: 60 },
  );
});

test('an opening balance brings money, and a refund returns what the message before it cost', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const rows = rowsOf(shape);
      expect(rows[0]?.amount).toBeGreaterThanOrEqual(shape.balance);
      for (const [i, row] of rows.entries()) {
        if (row.type !== 'refund') continue;
        expect(row.amount).toBeGreaterThan(0);
        expect(rows[i - 1]).toMatchObject({ type: 'sms', amount: -row.amount, referenceId: row.referenceId });
      }
    }),
    { numRuns: 60 },
  );
});

test('any history is in order of time, ends before its start, and refers only to what the account has', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const rows = rowsOf(shape);
      const orders = Math.ceil(shape.numbers / 2);
      const counts = { number: [1, shape.numbers], trunk: [1, shape.trunks], order: [1001, 1000 + orders] };
      const inOrder = rows.every(({ id, createdAt }, i) => id === i + 1 && createdAt >= (rows[i - 1]?.createdAt ?? 0));
      expect(inOrder && (rows.at(-1)?.createdAt ?? 0) <= shape.startAt).toBe(true);
      const dangling = rows.filter(({ referenceType, referenceId }) => {
        const [least = 0, most = 0] = referenceType === null ? [] : counts[referenceType];
        return (referenceId ?? 0) < least || (referenceId ?? 0) > most;
      });
      expect(dangling).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('a number is renewed once in each month, on the anniversary of its activation', () => {
  const history = createHistory({ seed: 1, startAt, transactions: 600, numbers: 60, trunks: 20, balance: 142_500 });
  const renewals = Array.from({ length: 600 }, (_, i) => history.row(i)).filter(
    ({ type, referenceId }) => type === 'renewal' && referenceId === 17,
  );
  const activated = new Date(history.activatedAt(16));
  expect(renewals.length).toBeGreaterThan(5);
  for (const [i, { createdAt }] of renewals.entries()) {
    const date = new Date(createdAt);
    expect(date.getUTCMonth()).toBe((activated.getUTCMonth() + i + 1) % 12);
    expect(date.getUTCDate()).toBe(activated.getUTCDate());
  }
});

test('there are top-ups, orders, renewals, messages, calls and refunds, with round top-ups', () => {
  const rows = rowsOf({ seed: 1, startAt, transactions: 600, numbers: 60, trunks: 20, balance: 142_500 });
  expect(new Set(rows.map(({ type }) => type))).toEqual(
    new Set(['top-up', 'order', 'renewal', 'sms', 'call', 'refund']),
  );
  const topUps = rows.slice(1).filter(({ type }) => type === 'top-up');
  expect(topUps.every(({ amount }) => amount > 0 && amount % 1000 === 0)).toBe(true);
});

test('a million transactions and a hundred thousand numbers are there at once, computed page by page', async () => {
  await using api = await run({ transactions: 1_000_000, numbers: 100_000, balance: '99.99' });
  expect(api.sandbox.control.state()).toMatchObject({ transactions: 1_000_000, computedTransactions: 0 });
  const first = await api.get('/wallet/transactions');
  const last = await api.get('/wallet/transactions?page=10000&per_page=100');
  expect(first.json.data[0]?.id).toBe(1_000_000);
  expect(last.json.data[99]?.id).toBe(1);
  expect(api.sandbox.control.state().computedTransactions).toBe(125);
  expect((await api.get('/wallet/balance')).json.balance).toBe('99.99');
});

test('a million transactions add up as well', () => {
  const history = createHistory({
    seed: 5,
    startAt,
    transactions: 1_000_000,
    numbers: 500,
    trunks: 20,
    balance: 5_000,
  });
  let sum = 0;
  for (let i = 0; i < history.count; i++) sum += history.row(i).amount;
  expect(sum).toBe(5_000);
});

test('the same seed gives the same answers, another seed others', async () => {
  const answers = async (seed: number) => {
    await using api = await run({ seed });
    const paths = [
      '/wallet/transactions',
      '/portal/sip-trunks',
      '/numbers/search?country=DE',
      '/__sandbox/numbers.csv',
    ];
    return await Promise.all(paths.map(async (path) => (await api.get(path)).text));
  };
  const first = await answers(7);
  expect(await answers(7)).toEqual(first);
  for (const [i, other] of (await answers(8)).entries()) expect(other).not.toBe(first[i]);
});
