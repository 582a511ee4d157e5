import { expect, test } from 'vitest';
import { SendMessageDocument } from '../../generated/graphql.ts';
import type { Gateway } from '../../support/gateway.ts';
import { begin, breakOnce, calls, minutes, operation, rest } from './lost.ts';

const route = 'POST /messages/send';

async function send(gateway: Gateway, idempotencyKey = 'k', body = 'Tot morgen') {
  const { numbers } = gateway.sandbox.control.world;
  const from = numbers.all().find(({ smsEnabled, status }) => smsEnabled && status === 'active')?.e164 ?? '';
  const input = { from, to: '+31687654321', body, idempotencyKey };
  return (await gateway.ask(SendMessageDocument, { input })).data?.sendMessage;
}

const bodies = async (gateway: Gateway) =>
  (await gateway.app.storage.db.selectFrom('messages').select('body').execute()).map(({ body }) => body);

test('a text that its charge found has its words back once it is sent again with its key, which sends nothing', async () => {
  await using gateway = await begin();
  breakOnce(gateway, 'cut-after', '/messages/send');
  await send(gateway);
  await rest(gateway);
  expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await bodies(gateway)).toEqual(['']);

  expect(await send(gateway)).toMatchObject({ __typename: 'SendMessagePayload', text: { body: 'Tot morgen' } });
  expect(await bodies(gateway)).toEqual(['Tot morgen']);
  expect(calls(gateway, route)).toBe(1);
  const { db } = gateway.app.storage;
  const kept = [
    await db.selectFrom('operations').selectAll().execute(),
    await db.selectFrom('operation_steps').selectAll().execute(),
  ];
  expect(JSON.stringify(kept)).not.toContain('Tot morgen');
});

test('a text that was not sent is found so though the list of transactions has an old gap, which is no new one', async () => {
  await using gateway = await begin();
  const { db } = gateway.app.storage;
  const gap = { page: 9, until: 'long ago', seen: null, repeats: 0 };
  const mirror = await db
    .selectFrom('snapshots')
    .select('body')
    .where('resource', '=', 'transactions?mirror')
    .executeTakeFirst();
  const body = JSON.stringify({ ...JSON.parse(mirror?.body ?? '{}'), holes: [gap] });
  await db.updateTable('snapshots').set({ body }).where('resource', '=', 'transactions?mirror').execute();
  // So that it stays.
  gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions?page=9' });
  breakOnce(gateway, 'cut-before', '/messages/send');
  await send(gateway);
  await minutes(gateway, 13);
  expect(await operation(gateway)).toMatchObject({ status: 'FAILED', error: { code: 'NOT_DONE' } });
});

test('a text that was judged as not sent was sent after all where its charge comes late', async () => {
  await using gateway = await begin();
  const { wallet } = gateway.sandbox.control.world;
  const { newest, balance } = wallet;
  const held = balance();
  wallet.balance = () => held;
  wallet.newest = (offset, limit) =>
    newest(offset, limit).filter(({ amount, type }) => amount !== -8 || type !== 'sms');
  breakOnce(gateway, 'cut-after', '/messages/send');
  await send(gateway);
  await minutes(gateway, 12);
  expect(await operation(gateway)).toMatchObject({ status: 'FAILED' });
  Object.assign(wallet, { newest, balance });
  await minutes(gateway, 1);
  await gateway.askText('{ transactions(first: 1) { nodes { transactionId } } }');
  await rest(gateway);
  expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED', error: null });
  expect(await send(gateway)).toMatchObject({ __typename: 'SendMessagePayload', text: { body: 'Tot morgen' } });
  expect(calls(gateway, route)).toBe(1);
});
