import { describe, expect, test } from 'vitest';
import { SendMessageDocument } from '../../generated/graphql.ts';
import { eachDatabase } from '../../support/databases.ts';
import {
  begin,
  breakOnce,
  buy,
  buyElsewhere,
  buying,
  calls,
  forSale,
  listTransactionsAs,
  minutes,
  offered,
  operation,
  rest,
  tell,
} from './lost.ts';

eachDatabase('the wallet of a checkout whose answer was lost', (_open, { url }) => {
  test('that fell without a transaction says that something was bought: it is never taken for not done', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const show = listTransactionsAs(gateway, (row) => (row.type === 'order' && row.amount === -1_200 ? [] : [row]));
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    await buy(gateway, forSale(gateway, 1));
    await minutes(gateway, 25);

    expect(await operation(gateway)).toMatchObject({
      status: 'UNKNOWN',
      findings: [
        expect.stringMatching(/^No transaction and no event shows that \+44\d+ was bought for EUR 1\.20\.$/),
        expect.stringMatching(/^The wallet holds EUR 1\.20 less than its transactions say/),
      ],
    });

    show();
    await minutes(gateway, 2);
    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    expect(calls(gateway, buying)).toBe(1);
  });

  test('proves that nothing was bought, whatever else was spent in the same minutes and shows', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    const { numbers } = gateway.sandbox.control.world;
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, forSale(gateway, 1));
    const other = offered(gateway, 'NL', 'mobile');
    const order = buyElsewhere(gateway, other, 'NL', 'mobile');
    await tell(gateway, 'number.activated', { number: other, trunk_uuid: null, order_id: order.id });
    const from = numbers.all().find((each) => each.smsEnabled && each.status === 'active')?.e164 ?? '';
    const input = { from, to: '+31687654321', body: 'Hello', idempotencyKey: 'text' };
    await gateway.ask(SendMessageDocument, { input });
    await minutes(gateway, 12);

    expect(await operation(gateway)).toMatchObject({ status: 'FAILED', error: { code: 'NOT_DONE' } });
  });
});

describe('where the wallet says less', () => {
  test('other spending of the very price could hide a purchase: that settles nothing', async () => {
    await using gateway = await begin();
    const [item, other] = forSale(gateway, 2);
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, item === undefined ? [] : [item]);
    const order = buyElsewhere(gateway, other?.e164 ?? '', 'GB', 'local');
    await tell(gateway, 'number.activated', { number: other?.e164, trunk_uuid: null, order_id: order.id });
    await minutes(gateway, 15);
    expect(await operation(gateway)).toMatchObject({
      status: 'UNKNOWN',
      findings: [expect.stringContaining('No transaction'), expect.stringContaining('could hide a purchase')],
    });
  });

  test('a balance that cannot be read proves nothing, and the proof comes once it can', async () => {
    await using gateway = await begin();
    const { faults } = gateway.sandbox.control;
    await gateway.askText('{ wallet { balance { amount } } }');
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    const down = faults.add({ kind: 'status', status: 503, path: '/wallet/balance' });
    await buy(gateway, forSale(gateway, 1));
    await minutes(gateway, 20);
    expect(await operation(gateway)).toMatchObject({
      status: 'UNKNOWN',
      findings: expect.arrayContaining([expect.stringContaining('could not be read since')]),
    });

    down();
    await minutes(gateway, 12);
    expect(await operation(gateway)).toMatchObject({ status: 'FAILED' });
  });

  test('without the balance before it nothing is denied, and a checkout is sent all the same', async () => {
    await using gateway = await begin();
    const down = gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/balance' });
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, forSale(gateway, 1));
    down();
    await minutes(gateway, 20);
    expect(await operation(gateway)).toMatchObject({
      status: 'UNKNOWN',
      findings: expect.arrayContaining([expect.stringContaining('could not be read before it was sent')]),
    });
    expect(calls(gateway, buying)).toBe(1);
  });

  test('an order that fits is taken only while no other money is missing', async () => {
    await using gateway = await begin();
    const [item, hidden] = forSale(gateway, 2);
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions', times: 3 });
    await buy(gateway, item === undefined ? [] : [item]);
    const order = buyElsewhere(gateway, hidden?.e164 ?? '', 'GB', 'local');
    const show = listTransactionsAs(gateway, (row) => (row.referenceId === order.id ? [] : [row]));
    await minutes(gateway, 3);
    expect(await operation(gateway)).toMatchObject({
      status: 'UNKNOWN',
      findings: [expect.stringContaining('for order'), expect.stringContaining('EUR 1.20 less')],
    });
    await tell(gateway, 'number.activated', { number: hidden?.e164, trunk_uuid: null, order_id: order.id });
    show();
    await minutes(gateway, 2);
    await rest(gateway);
    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
  });
});
