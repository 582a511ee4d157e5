import { expect, test } from 'vitest';
import { createWatch } from '../../src/operations/watch.ts';
import { begin, breakOnce, buy, forSale, later, minute, minutes, operation, rest } from '../mutations/evidence/lost.ts';
import { createFakeClock } from '../support/clock.ts';
import { eachDatabase } from '../support/databases.ts';

test('time has passed when a timer ran out, not when the clock jumped', async () => {
  const clock = createFakeClock();
  const watch = createWatch(clock);
  watch.run(true);
  expect(watch.hasPassed('a')).toBe(false);
  clock.jump(100 * minute);
  expect(watch.hasPassed('a')).toBe(false);
  await clock.advance(0);
  await clock.advance(minute);
  expect(watch.hasPassed('a')).toBe(true);
  watch.mark('a');
  expect(watch.hasPassed('a')).toBe(false);
  watch.run(false);
  expect(clock.pending()).toBe(0);
});

eachDatabase('a call that was lost just before the clock was put forward', (_open, { durable, url }) => {
  test('is not taken for not done before as much time has really passed', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, forSale(gateway, 1));
    await rest(gateway);
    gateway.clock.jump(11 * minute);
    await minutes(gateway, 7);
    expect(await operation(gateway)).toMatchObject({
      status: 'UNKNOWN',
      findings: [expect.stringContaining('No transaction'), expect.stringContaining('ten minutes')],
    });
    await minutes(gateway, 5);
    expect(await operation(gateway)).toMatchObject({ status: 'FAILED', error: { code: 'NOT_DONE' } });
  });

  test('is looked for ten minutes even where the clock went on by days', async () => {
    await using gateway = await begin({ databaseUrl: await url() });
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, forSale(gateway, 1));
    await rest(gateway);
    gateway.clock.jump(3 * 1440 * minute);
    await minutes(gateway, 5);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
    // A look that takes the database longer than the hour takes the clock counts for nothing: there are more hours than looks needed.
    for (let hours = 0; hours < 30 && (await operation(gateway))?.status === 'UNKNOWN'; hours++)
      await later(gateway, 60 * minute);
    expect(await operation(gateway)).toMatchObject({ status: 'FAILED' });
  });

  if (durable)
    test('keeps the looks that it had over a restart, which is none itself', async () => {
      await using gateway = await begin({ databaseUrl: await url() });
      breakOnce(gateway, 'cut-before', '/wallet/checkout');
      await buy(gateway, forSale(gateway, 1));
      await minutes(gateway, 6);
      for (let restarts = 0; restarts < 12; restarts++) {
        await gateway.restart();
        gateway.app.start();
        await rest(gateway);
      }
      gateway.clock.jump(5 * minute);
      await later(gateway, minute);
      expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
      const [step] = await gateway.app.storage.db.selectFrom('operation_steps').select('looks').execute();
      expect(step?.looks).toBeGreaterThanOrEqual(3);
      expect(step?.looks).toBeLessThan(8);
      await minutes(gateway, 8);
      expect(await operation(gateway)).toMatchObject({ status: 'FAILED' });
    });
});
