import { expect, test } from 'vitest';
import { noteTouch, type Reading, recordReading } from '../../src/cache/reading.ts';
import { createSnapshots, type SnapshotRead, type Snapshots } from '../../src/cache/snapshots.ts';
import type { Storage, StorageOptions } from '../../src/storage/database.ts';
import type { Touch } from '../../src/storage/touch.ts';
import { createFakeClock } from '../support/clock.ts';
import { eachDatabase } from '../support/databases.ts';
import { account, createBench, policy } from './bench.ts';

const wallet: Touch = { table: 'snapshot values', account, keys: ['wallet'] };
const time: Touch = { ...wallet, table: 'snapshot times' };

eachDatabase('an answer that shows a snapshot', (open) => {
  const bench = async (options: Parameters<typeof createBench>[1] = {}) => {
    const written: Touch[] = [];
    const running = new Set<Reading>();
    const observe: StorageOptions['observe'] = {
      read: noteTouch,
      written(touch) {
        written.push(touch);
        for (const reading of running) reading.outdate(touch);
      },
    };
    const storage: Storage = await open(undefined, { observe });
    written.length = 0;
    const made = createBench(storage, options);
    const record = (
      options?: Parameters<typeof made.read>[0],
      show: (read: SnapshotRead<unknown>) => unknown = () => null,
    ) =>
      recordReading(
        async () => show(await made.read(options)),
        (reading) => running.add(reading),
      );
    return { ...made, written, record };
  };

  test('has read it, is fresh as long as it is, and stands no longer than its bound', async () => {
    const { read, record, clock, start } = await bench();
    await read();
    await clock.advance(5_000);
    const { reading } = await record();
    expect(reading.touches()).toEqual([wallet]);
    expect(reading.bounds()).toEqual({ until: start + 20_000, expires: start + 60_000 });
    expect(reading).toMatchObject({ unkeepable: null, outdated: false });
  });

  test('stands as well where it waited for it, and nothing that the refresh read or wrote is its own', async () => {
    const { record, start } = await bench();
    const [first, second] = await Promise.all([record(), record()]);
    for (const { reading } of [first, second]) {
      expect(reading.touches()).toEqual([wallet]);
      expect(reading).toMatchObject({ unkeepable: null, outdated: false });
      expect(reading.bounds().until).toBe(start + 20_000);
    }
  });

  test('is fresh for longer where there is little left to ask with, and where asking failed lately', async () => {
    const { read, record, clock, budget, fail, snapshots, start } = await bench();
    await read();
    budget.remaining = 0;
    expect((await record()).reading.bounds().until).toBe(start + policy.bound);
    budget.remaining = 60;
    fail();
    await clock.advance(20_000);
    await read();
    await snapshots.settled();
    expect((await record()).reading.bounds().until).toBe(start + 40_000);
  });

  test('does not stand where it is stale', async () => {
    const { read, record, clock, fail } = await bench();
    await read();
    fail();
    await clock.advance(60_001);
    expect((await record()).reading.unkeepable).toBe('stale');
  });

  test.each([
    ['put out of date', (snapshots: Snapshots) => snapshots.expire(account, policy, '')],
    ['learnt anew', (snapshots: Snapshots, now: number) => snapshots.write(account, policy, '', 'newer', now)],
  ])('does not stand where the value was %s in the moment after it was brought', async (_name, change) => {
    const clock = createFakeClock();
    const changed: Promise<void>[] = [];
    const snapshots: Snapshots = createSnapshots({
      ...{ storage: await open(), clock, budget: () => ({ limitPerMinute: 60, remaining: 60 }) },
      log: { warn: () => undefined },
      onRefreshed: () => void changed.push(change(snapshots, clock.now() + 1)),
    });
    const { value, reading } = await recordReading(() =>
      snapshots.read(account, policy, '', async () => 'brought', { deadline: clock.now() + 1_000 }),
    );
    await Promise.all(changed);
    expect(value.value).toBe('brought');
    expect(reading.unkeepable).toBe('learnt anew meanwhile');
  });

  test.each([
    [
      'learnt',
      (made: Awaited<ReturnType<typeof bench>>) => made.snapshots.write(account, policy, '', 2, made.start + 1),
      [wallet, time],
    ],
    [
      'put out of date',
      (made: Awaited<ReturnType<typeof bench>>) => made.snapshots.expire(account, policy, ''),
      [wallet],
    ],
    [
      'learnt again, and is what it was',
      (made: Awaited<ReturnType<typeof bench>>) => made.snapshots.write(account, policy, '', 1, made.start + 1),
      [time],
    ],
  ])('is told in the same tick when it is %s', async (_name, change, told) => {
    const made = await bench();
    await made.read();
    await made.clock.advance(1);
    made.written.length = 0;
    const changing = change(made);
    await Promise.resolve();
    expect(made.written).toEqual(told);
    await changing;
  });

  test('stands on with each refresh that brings the same, unless it says when that was', async () => {
    const { upstream, record, clock, snapshots, start } = await bench();
    upstream.answer = async () => ({ balance: '1.00' });
    const { reading } = await record();
    const { reading: showing } = await record({}, ({ asOf }) => asOf);
    expect(showing.touches()).toEqual([wallet, time]);
    await clock.advance(20_000);
    await record();
    await snapshots.settled();

    expect(reading.bounds()).toEqual({ until: start + 40_000, expires: start + 80_000 });
    expect([reading.outdated, showing.outdated]).toEqual([false, true]);
    upstream.answer = async () => ({ balance: '2.00' });
    await clock.advance(20_000);
    await record();
    await snapshots.settled();
    expect(reading.outdated).toBe(true);
  });

  test('stands for nothing once its value is not in memory any more', async () => {
    const { record, read } = await bench({ maxEntries: 1 });
    const { reading } = await record();
    await read({ key: 'other' });
    expect(reading.bounds().expires).toBe(Number.NEGATIVE_INFINITY);
  });
});
