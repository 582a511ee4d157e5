import { expect, test } from 'vitest';
import { accountId, accountScope } from '../../src/access/viewer.ts';
import { settling } from '../../src/mutations/evidence.ts';
import type { Evidence } from '../../src/operations/evidence.ts';
import { createReconciler } from '../../src/operations/reconcile.ts';
import { openStorage } from '../../src/storage/database.ts';
import { keyOfSending, makeTrunk, recordOf, startActing } from './support/acting.ts';

test('with nothing unsettled a look costs one query and no call, and leaves no timer', async () => {
  await using acting = await startActing();
  const storage = await openStorage('sqlite::memory:');
  const { account, engine, send } = acting.start(storage);
  await send(makeTrunk, 'k', { name: 'Acme' });
  const reconciler = createReconciler(account, engine, settling);
  const [queries, timers] = [storage.queries(), acting.clock.pending()];

  reconciler.wake();
  await reconciler.settled();

  expect(storage.queries() - queries).toBe(1);
  expect(acting.clock.pending()).toBe(timers);
  expect(acting.sandbox.control.calls().total).toBe(1);
  await storage.close();
});

test('what a run that ended was about to send is unknown, and what it had not begun goes on', async () => {
  await using acting = await startActing();
  const storage = await openStorage('sqlite::memory:');
  const dead = acting.start(storage).engine;
  const sending = {
    viewer: 'anna',
    scope: accountScope(accountId('main')),
    input: { name: 'Acme' },
    onSent: () => undefined,
  };
  acting.sandbox.control.faults.add({ kind: 'hang', method: 'POST', times: 1 });
  dead.perform(makeTrunk, { ...sending, idempotencyKey: 'sent' }).catch(() => undefined);
  dead.perform(
    { ...makeTrunk, run: () => Promise.withResolvers<never>().promise },
    { ...sending, idempotencyKey: 'not begun' },
  );
  await expect.poll(() => acting.calls('POST /portal/sip-trunks')).toBe(1);

  const { account, engine, send } = acting.start(storage);
  const reconciler = createReconciler(account, engine, settling);
  reconciler.wake();
  await reconciler.settled();

  expect(await recordOf(storage, keyOfSending('sent'))).toMatchObject({
    status: 'UNKNOWN',
    steps: [{ status: 'UNKNOWN' }],
  });
  expect(await recordOf(storage, keyOfSending('not begun'))).toMatchObject({ status: 'PENDING', steps: [] });
  expect(await send(makeTrunk, 'sent', sending.input)).toMatchObject({ status: 'UNKNOWN' });
  expect(await send(makeTrunk, 'not begun', sending.input)).toMatchObject({ status: 'SUCCEEDED' });
  expect(acting.calls('POST /portal/sip-trunks')).toBe(2);
  await reconciler.stop();
  await storage.close();
});

test('one that cannot be judged, or judged again, is logged and keeps none of the others', async () => {
  await using acting = await startActing();
  const storage = await openStorage('sqlite::memory:');
  const { account, engine, send } = acting.start(storage);
  acting.sandbox.control.faults.add({ kind: 'cut-after', method: 'POST' });
  for (const name of ['Broken', 'Acme', 'Bolt']) await send(makeTrunk, name, { name });
  acting.warnings.length = 0;
  const breakFor = (name: string, known: unknown) => {
    if ((known as { name: string }).name === name) throw new Error('It cannot be told');
  };
  let named = 0;
  const make: Evidence = {
    source: null,
    async judge(_trx, _account, { known }) {
      breakFor('Broken', known);
      return { says: 'happened', certain: false, findings: ['It is there.'], apply: async () => ({ uuid: 'guessed' }) };
    },
    async review(_trx, _account, { known }) {
      breakFor('Acme', known);
      named += 1;
      return { says: 'happened', certain: true, findings: ['It is named.'], apply: async () => ({ uuid: 'named' }) };
    },
  };
  const reconciler = createReconciler(account, engine, { evidence: { make }, resumable: [] });
  reconciler.wake();
  await reconciler.settled();
  const statuses = async () =>
    Promise.all(['Broken', 'Acme', 'Bolt'].map(async (key) => (await recordOf(storage, keyOfSending(key)))?.status));
  expect(await statuses()).toEqual(['UNKNOWN', 'SUCCEEDED', 'SUCCEEDED']);
  expect(acting.warnings).toHaveLength(1);

  reconciler.wake();
  await reconciler.settled();
  expect(named).toBe(1);
  expect(await recordOf(storage, keyOfSending('Bolt'))).toMatchObject({ result: '{"uuid":"named"}', review: 0 });
  expect(await recordOf(storage, keyOfSending('Acme'))).toMatchObject({ result: '{"uuid":"guessed"}', review: 1 });
  expect(acting.warnings).toHaveLength(3);
  await reconciler.stop();
  await storage.close();
});
