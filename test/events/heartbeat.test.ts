import { expect, test } from 'vitest';
import { accountId } from '../../src/access/viewer.ts';
import { beat, startHeartbeat } from '../../src/events/heartbeat.ts';
import { createFakeClock } from '../support/clock.ts';
import { eachDatabase } from '../support/databases.ts';

const main = accountId('main');
const hour = 3_600_000;

eachDatabase('the heartbeat', (open) => {
  const start = async () => {
    const storage = await open();
    return {
      storage,
      beatAt: (hours: number) => storage.transaction((trx) => beat(trx, main, hours * hour)),
      blind: async () => {
        const rows = await storage.db.selectFrom('blind_stretches').selectAll().orderBy('begins').execute();
        return rows.map(({ begins, ends }) => [begins / hour, ends / hour]);
      },
    };
  };

  test('tells the time whose webhooks are lost: all but the last day of a time without', async () => {
    const { beatAt, blind } = await start();
    for (const hours of [100, 101, 125, 149.5, 200]) await beatAt(hours);
    expect(await blind()).toEqual([
      [125, 125.5],
      [149.5, 176],
    ]);
  });

  test('takes back what a clock said that was ahead', async () => {
    const { beatAt, blind } = await start();
    for (const hours of [100, 1_000, 101]) await beatAt(hours);
    expect(await blind()).toEqual([]);
    await beatAt(130);
    expect(await blind()).toEqual([[101, 106]]);
  });

  test('counts no moment twice where the clock was put back', async () => {
    const { beatAt, blind } = await start();
    for (const hours of [100, 150, 127, 160]) await beatAt(hours);
    expect(await blind()).toEqual([
      [100, 126],
      [127, 136],
    ]);
    await beatAt(130);
    await beatAt(161);
    expect(await blind()).toEqual([
      [100, 126],
      [130, 137],
    ]);
  });

  test('has the readers of the log look again with each beat', async () => {
    const { storage } = await start();
    const clock = createFakeClock();
    let woken = 0;
    const wake = () => {
      woken += 1;
    };
    const stop = startHeartbeat({ account: main, storage, clock, wake, log: { warn: () => undefined } });
    await expect.poll(() => woken).toBe(1);
    await expect.poll(() => clock.pending()).toBe(1);
    await clock.advance(60_000);
    await expect.poll(() => woken).toBe(2);
    await stop();
  });

  test('beats at once and every minute, until it is told to stop', async () => {
    const { storage } = await start();
    const clock = createFakeClock();
    const aliveAt = async () => (await storage.db.selectFrom('heartbeats').selectAll().execute())[0]?.alive_at;
    const stop = startHeartbeat({
      account: main,
      storage,
      clock,
      wake: () => undefined,
      log: { warn: () => undefined },
    });
    await expect.poll(() => clock.pending()).toBe(1);
    expect(await aliveAt()).toBe(clock.now());
    await clock.advance(60_000);
    await expect.poll(aliveAt).toBe(clock.now());
    await stop();
    expect(clock.pending()).toBe(0);
  });
});
