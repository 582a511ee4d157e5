import { expect, test } from 'vitest';
import { createFakeClock } from '../../support/clock.ts';
import { begin, breakOnce, calls, later, listTransactionsAs, minute, minutes, operation, rest, text } from './lost.ts';

const lost = { __typename: 'OutcomeUnknownError' };

test('a text is never taken for not sent while the wallet holds less than its transactions say', async () => {
  await using gateway = await begin();
  const show = listTransactionsAs(gateway, (row) => (row.type === 'sms' && row.amount === -8 ? [] : [row]));
  breakOnce(gateway, 'cut-after', '/messages/send');
  expect(await text(gateway)).toMatchObject(lost);
  await minutes(gateway, 20);
  expect(await operation(gateway)).toMatchObject({
    status: 'UNKNOWN',
    findings: expect.arrayContaining([expect.stringContaining('The wallet holds EUR 0.008 less')]),
  });

  show();
  await minutes(gateway, 2);
  expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
  expect(calls(gateway, 'POST /messages/send')).toBe(1);
});

test("nor where its charge is dated before it was sent, because DIDfarm's clock is a quarter of an hour behind", async () => {
  const behind = createFakeClock();
  await using gateway = await begin({ sandbox: { clock: { ...behind, now: () => behind.now() - 15 * minute } } });
  behind.jump(gateway.clock.now() - behind.now());
  breakOnce(gateway, 'cut-after', '/messages/send');
  expect(await text(gateway)).toMatchObject(lost);
  await minutes(gateway, 20);
  expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
});

test('nor because of the text before it, whose charge was known', async () => {
  await using gateway = await begin();
  await text(gateway, 'before');
  await gateway.askText('{ transactions(first: 1) { nodes { transactionId } } }');
  await later(gateway, 20_000);
  breakOnce(gateway, 'cut-after', '/messages/send');
  expect(await text(gateway)).toMatchObject(lost);
  await minutes(gateway, 1);
  expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
});

test('a text between others is found not to have been sent, and one that was sent is not', async () => {
  await using gateway = await begin();
  const among = async (kind: 'cut-before' | 'cut-after', key: string) => {
    for (const place of [1, 2, 3]) {
      if (place === 2) breakOnce(gateway, kind, '/messages/send');
      await text(gateway, place === 2 ? key : `${key} ${place}`);
      await later(gateway, 5_000);
    }
  };
  await among('cut-before', 'not sent');
  await minutes(gateway, 13);
  expect(await operation(gateway, 'not sent')).toMatchObject({ status: 'FAILED', error: { code: 'NOT_DONE' } });
  await among('cut-after', 'sent');
  await rest(gateway);
  await minutes(gateway, 2);
  expect(await operation(gateway, 'sent')).toMatchObject({ status: 'SUCCEEDED' });
});
