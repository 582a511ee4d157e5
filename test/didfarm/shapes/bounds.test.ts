import { describe, expect, test } from 'vitest';
import { UpstreamBadResponse } from '../../../src/didfarm/errors.ts';
import { readCheckout } from '../../../src/didfarm/shapes/checkout.ts';
import { readSentMessage } from '../../../src/didfarm/shapes/messages.ts';
import { readTrunkPage } from '../../../src/didfarm/shapes/trunks.ts';
import { readBalanceAnswer, readTransactionPage } from '../../../src/didfarm/shapes/wallet.ts';

const answer = (json: unknown) => ({ call: 'GET /somewhere', status: 200, json });
const transaction = { id: 1, amount: '-1.00', reference_type: 'order', reference_id: 7 };
const readTransaction = (row: object) => readTransactionPage(answer({ data: [{ ...transaction, ...row }] })).items[0];
const trunk = { id: 1, uuid: 'trk_a', name: 'Acme' };
const long = 'x'.repeat(256);

function pathOf(read: () => unknown): string | undefined {
  try {
    read();
  } catch (error) {
    if (error instanceof UpstreamBadResponse) return error.path;
    throw error;
  }
  return undefined;
}

describe('whole numbers that the graph cannot tell', () => {
  test.each([2 ** 31, '2147483648', 99_999_999_999, -1])('%s is no id, but for an order, which must have one', (id) => {
    const { items } = readTrunkPage(answer([{ ...trunk, id }]));
    expect(items).toMatchObject([{ sipTrunkId: null, uuid: 'trk_a' }]);
    expect(readCheckout(answer({ order_id: 1, items: [{ did_number_id: id }] })).items[0]?.didNumberId).toBeNull();
    expect(pathOf(() => readCheckout(answer({ data: { order_id: id } })))).toBe('data.order_id');
  });

  test('are not what there is in all either', () => {
    const meta = { total: 2 ** 31, per_page: 25, page: 1 };
    expect(readTrunkPage(answer({ data: [trunk], meta }))).toMatchObject({ page: 1, total: null, lastPage: null });
  });

  test('the largest that it can tell is read', () => {
    expect(readCheckout(answer({ order_id: '2147483647' })).orderId).toBe(2 ** 31 - 1);
  });
});

describe('texts that a database does not take', () => {
  test('lose their NULs, and one of nothing else is missing', () => {
    expect(readTransaction({ description: 'a\0b', reference_id: '\0' })).toMatchObject({
      description: 'ab',
      referenceId: null,
    });
    expect(readTrunkPage(answer([{ ...trunk, name: 'Ac\0me' }])).items[0]?.name).toBe('Acme');
    expect(pathOf(() => readTrunkPage(answer([{ ...trunk, name: '\0' }])))).toBe('[0].name');
  });

  test('an identity of more than 255 characters is none', () => {
    expect(pathOf(() => readTransaction({ id: long }))).toBe('data[0].id');
    expect(readTransaction({ id: long, uuid: 'tx' })?.transactionId).toBe('tx');
    expect(readTransaction({ id: long.slice(1) })?.transactionId).toHaveLength(255);
    expect(readTransaction({ reference_id: long })?.referenceId).toBeNull();
    expect(readTrunkPage(answer([{ ...trunk, uuid: long }])).items[0]).toMatchObject({ uuid: null, sipTrunkId: 1 });
    expect(pathOf(() => readTrunkPage(answer([{ name: 'Acme', uuid: long }])))).toBe('[0]');
    expect(readSentMessage(answer({ id: long })).messageId).toBeNull();
  });
});

describe('a currency', () => {
  test('is three letters, or EUR where it is left out', () => {
    expect(readBalanceAnswer(answer({ balance: '1', currency: 'usd' })).currency).toBe('USD');
    expect(readBalanceAnswer(answer({ balance: '1' })).currency).toBe('EUR');
  });

  test.each(['EURO', '€', 'EU', 978])('%s is none: what an amount is in must be known', (currency) => {
    expect(pathOf(() => readBalanceAnswer(answer({ balance: '1', currency })))).toBe('currency');
    expect(pathOf(() => readTransaction({ currency }))).toBe('data[0].currency');
  });

  test('that is none takes the cost of a text that was sent with it, not the text', () => {
    expect(readSentMessage(answer({ id: 5, cost: 0.008, currency: 'EURO' }))).toMatchObject({
      messageId: '5',
      cost: null,
    });
    expect(readSentMessage(answer({ id: 5, cost: 0.008 }))).toMatchObject({ cost: '0.008', currency: 'EUR' });
  });
});
