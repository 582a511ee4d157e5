import { expect, test } from 'vitest';
import { begin, breakOnce, buy, forSale, minutes, operation, rest, tell } from './lost.ts';

test('a checkout that an earlier version lost, which recorded less, is settled by its event and is not denied', async () => {
  await using gateway = await begin();
  const { db } = gateway.app.storage;
  const items = forSale(gateway, 1);
  gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions', times: 5 });
  breakOnce(gateway, 'cut-before', '/wallet/checkout');
  await buy(gateway, items);
  await rest(gateway);
  const [step] = await db.selectFrom('operation_steps').selectAll().execute();
  const { wallet: _wallet, offers: _offers, former: _former, ...evidence } = JSON.parse(step?.evidence ?? '{}');
  await db
    .updateTable('operation_steps')
    .set({ evidence: JSON.stringify(evidence) })
    .execute();
  await minutes(gateway, 15);
  expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });

  await tell(gateway, 'number.activated', { number: items[0]?.e164, trunk_uuid: null, order_id: 4_711 });
  expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await buy(gateway, items)).toMatchObject({ __typename: 'CheckoutPayload', order: { orderId: 4_711 } });
});
