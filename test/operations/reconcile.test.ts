import { expect, test } from 'vitest';
import { accountId, accountScope } from '../../src/access/viewer.ts';
import { settling } from '../../src/mutations/evidence.ts';
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
