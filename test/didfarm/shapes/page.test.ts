import { expect, test } from 'vitest';
import { UpstreamBadResponse } from '../../../src/didfarm/errors.ts';
import { readTrunkPage } from '../../../src/didfarm/shapes/trunks.ts';
import { readTransactionPage } from '../../../src/didfarm/shapes/wallet.ts';

const answer = (...rows: unknown[]) => ({
  call: 'GET /listing',
  status: 200,
  json: { data: rows, meta: { total: 9 } },
});

test('a transaction that cannot be read is left out and named, the others are read', () => {
  const page = readTransactionPage(
    answer({ id: 1, amount: '-1.00' }, { uuid: 'b', amount: 'n/a' }, { amount: '-1.00' }, 'what'),
  );
  expect(page.items.map((row) => row.transactionId)).toEqual(['1']);
  expect(page.total).toBe(9);
  expect(page.unreadable).toMatchObject([
    { id: 'b', path: '[1].amount', problem: 'not an amount' },
    { id: '[2].id', path: '[2].id' },
    { id: '[3]', path: '[3]' },
  ]);
});

test('a page of transactions none of which can be read is an error, and an empty one is not', () => {
  const read = () => readTransactionPage(answer({ id: 1, amount: 'n/a' }, { id: 2, amount: null }));
  expect(read).toThrow(UpstreamBadResponse);
  expect(read).toThrow(expect.objectContaining({ path: 'data[0].amount' }));
  expect(readTransactionPage(answer()).items).toEqual([]);
});

test('a listing of something else is an error where one row cannot be read', () => {
  expect(() => readTrunkPage(answer({ id: 1, uuid: 'a', name: 'A', status: 'registered' }, {}))).toThrow(
    UpstreamBadResponse,
  );
});
