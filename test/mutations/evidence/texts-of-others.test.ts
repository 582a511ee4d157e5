import { expect, test } from 'vitest';
import { begin, breakOnce, later, minutes, operation, rest, text, textElsewhere } from './lost.ts';

const route = '/messages/send';
const readTransactions = '{ transactions(first: 1) { nodes { transactionId } } }';

test('a text that was not sent is not taken for one of another length that somebody else sends meanwhile', async () => {
  await using gateway = await begin();
  breakOnce(gateway, 'cut-before', route);
  await text(gateway);
  await later(gateway, 5_000);
  textElsewhere(gateway, 'x'.repeat(500));
  await minutes(gateway, 20);
  expect(await operation(gateway)).toMatchObject({
    status: 'UNKNOWN',
    findings: [expect.stringMatching(/EUR -0\.032\): it may be this text of 1 segment, or another's/)],
  });
});

test('nor for one that somebody sends minutes later, whatever its length', async () => {
  await using gateway = await begin();
  breakOnce(gateway, 'cut-before', route);
  await text(gateway);
  await minutes(gateway, 4);
  textElsewhere(gateway, 'Tot gisteren');
  await minutes(gateway, 3);
  await gateway.askText(readTransactions);
  await rest(gateway);
  expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
});

test('one that was judged as not sent stays so when somebody else sends one from its number', async () => {
  await using gateway = await begin();
  breakOnce(gateway, 'cut-before', route);
  await text(gateway);
  await minutes(gateway, 13);
  const notDone = { status: 'FAILED', error: { code: 'NOT_DONE' } };
  expect(await operation(gateway)).toMatchObject(notDone);
  for (const body of ['x'.repeat(500), 'Tot gisteren']) {
    textElsewhere(gateway, body);
    await minutes(gateway, 2);
    await gateway.askText(readTransactions);
    await rest(gateway);
    expect(await operation(gateway)).toMatchObject(notDone);
  }
});

test('of several texts that were lost together each has its own charge', async () => {
  await using gateway = await begin();
  const { faults } = gateway.sandbox.control;
  const down = faults.add({ kind: 'status', status: 503, method: 'GET', path: '/wallet/transactions' });
  for (const [key, body] of [
    ['k', 'short'],
    ['k2', 'y'.repeat(400)],
  ]) {
    breakOnce(gateway, 'cut-after', route);
    await text(gateway, key, body);
  }
  down();
  await minutes(gateway, 3);
  for (const key of ['k', 'k2']) expect(await operation(gateway, key)).toMatchObject({ status: 'SUCCEEDED' });
  const texts = await gateway.app.storage.db.selectFrom('messages').select(['segments', 'cost']).execute();
  expect(texts.toSorted((one, other) => Number(one.segments) - Number(other.segments))).toEqual([
    { segments: 1, cost: '0.008' },
    { segments: 3, cost: '0.024' },
  ]);
});
