import { expect, test } from 'vitest';
import { run } from '../harness.ts';

const month = 31 * 86_400_000;

test('in a month each active number is renewed once, from the wallet', async () => {
  await using api = await run({ balance: '1000' });
  const { numbers, wallet, history } = api.sandbox.control.world;
  const active = numbers
    .all()
    .filter(({ status }) => status === 'active')
    .map(({ id }) => id)
    .toArray();
  await api.clock.advance(Date.parse('2026-05-05T12:00:00Z') - api.clock.now());
  const rows = wallet.newest(0, wallet.count() - history.count);
  expect(rows.every(({ type }) => type === 'renewal')).toBe(true);
  expect(rows.map(({ referenceId }) => referenceId).toSorted((a, b) => Number(a) - Number(b))).toEqual(active);
});

test('a bought number is renewed on the anniversary of its activation', async () => {
  await using api = await run({ numbers: 0, transactions: 1, balance: '100' });
  const { json } = await api.get('/numbers/search?country=US&type=local');
  await api.post('/wallet/checkout', { items: [json.data[0]] });
  await api.clock.advance(2 * month);
  const rows = (await api.get('/wallet/transactions')).json.data as unknown as { type: string; created_at: string }[];
  expect(rows.slice(0, 3).map((row) => `${row.type} ${row.created_at}`)).toEqual([
    'renewal 2026-06-05T12:00:03Z',
    'renewal 2026-05-05T12:00:03Z',
    'order 2026-04-05T12:00:00Z',
  ]);
});

test('a number that the wallet cannot renew is suspended, and costs nothing', async () => {
  await using api = await run({ numbers: 1, transactions: 30, balance: '0.10' });
  await api.clock.advance(month);
  expect(api.sandbox.control.world.numbers.byId(1)?.status).toBe('suspended');
  expect(api.sandbox.control.state()).toMatchObject({ balance: '0.10', transactions: 30 });
});

test('a clock that jumps ahead catches up with every renewal', async () => {
  await using api = await run({ numbers: 1, transactions: 30, balance: '100' });
  api.clock.jump(3 * month);
  await api.clock.advance(1);
  expect(api.sandbox.control.state().transactions).toBeGreaterThanOrEqual(32);
});
