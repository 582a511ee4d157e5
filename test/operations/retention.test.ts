import { expect, test } from 'vitest';
import { startForgetting } from '../../src/operations/retention.ts';
import { eachDatabase } from '../support/databases.ts';
import { keyOfSending, makeTrunk, recordOf, startActing } from './support/acting.ts';

const day = 86_400_000;

eachDatabase('the record of operations', (open) => {
  test('forgets what ended 30 days ago with its steps, and keeps what is younger or not settled', async () => {
    await using acting = await startActing();
    const storage = await open();
    const { send, account } = acting.start(storage);
    await send(makeTrunk, 'old', { name: 'Old' });
    acting.sandbox.control.faults.add({ kind: 'cut-after', method: 'POST', times: 1 });
    await send(makeTrunk, 'unknown', { name: 'Unknown' });
    acting.clock.jump(day);
    await send(makeTrunk, 'young', { name: 'Young' });
    acting.clock.jump(29 * day + 1);

    const stop = startForgetting(account, 30);
    await expect.poll(() => recordOf(storage, keyOfSending('old'))).toBeUndefined();
    stop();

    expect(await recordOf(storage, keyOfSending('young'))).toMatchObject({
      status: 'SUCCEEDED',
      steps: [{ name: 'make' }],
    });
    expect(await recordOf(storage, keyOfSending('unknown'))).toMatchObject({
      status: 'UNKNOWN',
      steps: [{ name: 'make' }],
    });
    expect(await storage.db.selectFrom('operation_steps').select('idempotency_key').execute()).toHaveLength(2);
  });

  test('looks again every hour until it is stopped', async () => {
    await using acting = await startActing();
    const storage = await open();
    const { send, account } = acting.start(storage);
    await send(makeTrunk, 'k', { name: 'Acme' });

    const stop = startForgetting(account, 1);
    await acting.clock.advance(day / 2);
    expect(await recordOf(storage, keyOfSending('k'))).toBeDefined();
    await acting.clock.advance(day / 2 + 3_600_000);
    await expect.poll(() => recordOf(storage, keyOfSending('k'))).toBeUndefined();
    const pending = acting.clock.pending();
    stop();

    expect(acting.clock.pending()).toBe(pending - 1);
  });
});
