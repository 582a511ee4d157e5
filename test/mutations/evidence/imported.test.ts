import { expect, test } from 'vitest';
import { type ImportedNumberInput, ImportNumbersDocument } from '../../generated/graphql.ts';
import type { Gateway } from '../../support/gateway.ts';
import { begin, breakOnce, buy, buying, calls, forSale, later, operation, rest } from './lost.ts';

const load = async (gateway: Gateway, number: ImportedNumberInput) =>
  (await gateway.ask(ImportNumbersDocument, { input: { numbers: [number] } })).data?.importNumbers;

/** A checkout that was done, of which neither transaction nor balance can be read. */
async function unknown(gateway: Gateway) {
  const items = forSale(gateway, 1);
  gateway.sandbox.control.faults.add({ kind: 'status', status: 503, method: 'GET', path: '/wallet/*' });
  breakOnce(gateway, 'cut-after', '/wallet/checkout');
  await buy(gateway, items);
  await rest(gateway);
  await later(gateway, 3_600_000);
  expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
  const [order] = gateway.sandbox.control.world.orders.live();
  return { items, e164: items[0]?.e164 ?? '', orderId: Number(order?.id) };
}

test.each(['the mutation', 'a file'])(
  'a checkout is done once its number is imported with its order by %s',
  async (by) => {
    await using gateway = await begin();
    const { items, e164, orderId } = await unknown(gateway);
    if (by === 'a file') await gateway.app.importNumbers(`e164,order_id\n${e164},${orderId}`, 'csv');
    else
      expect(await load(gateway, { e164, orderId })).toMatchObject({ __typename: 'ImportNumbersPayload', imported: 1 });
    await rest(gateway);

    expect(await operation(gateway)).toMatchObject({
      status: 'SUCCEEDED',
      findings: [`Events or an import name the order: ${e164} by order ${orderId}.`],
    });
    expect(await buy(gateway, items)).toMatchObject({ __typename: 'CheckoutPayload', order: { orderId } });
    expect(calls(gateway, buying)).toBe(1);
  },
);

test('an order that is none is refused', async () => {
  await using gateway = await begin();
  const [item] = forSale(gateway, 1);
  expect(await load(gateway, { e164: item?.e164 ?? '', orderId: 0 })).toMatchObject({
    __typename: 'ValidationError',
    fields: [{ path: 'numbers.0.orderId' }],
  });
});
