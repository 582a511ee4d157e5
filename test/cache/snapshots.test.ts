import { expect, test } from 'vitest';
import { UpstreamRateLimited } from '../../src/didfarm/errors.ts';
import { eachDatabase } from '../support/databases.ts';
import { account, createBench, later } from './bench.ts';

eachDatabase('snapshots', (open) => {
  test('what is unknown is asked for once, and served without a call while it is fresh', async () => {
    const { read, calls, clock, start, snapshots } = createBench(await open());
    expect(await read()).toEqual({ value: 1, asOf: start, stale: false });
    await clock.advance(19_999);
    expect(await read()).toEqual({ value: 1, asOf: start, stale: false });
    expect(calls.map((call) => call.priority)).toEqual(['ask']);
    expect(snapshots.stats()).toEqual({ entries: 1, hits: 1, misses: 1, stale: 0 });
  });

  test('past fresh the known value is served at once, with one refresh behind it', async () => {
    const { read, calls, clock, snapshots, served, start } = createBench(await open());
    await read();
    await clock.advance(20_000);
    expect(await Promise.all([read(), read(), read()])).toEqual(Array(3).fill({ value: 1, asOf: start, stale: false }));
    await snapshots.settled();
    expect(calls.map((call) => call.priority)).toEqual(['ask', 'refresh']);
    expect(await read()).toEqual({ value: 2, asOf: start + 20_000, stale: false });
    expect(served.at(-1)).toEqual({ resource: 'wallet', asOf: start + 20_000, stale: false });
  });

  test('past the bound the reader waits for the new value', async () => {
    const { read, calls, clock } = createBench(await open());
    await read();
    await clock.advance(60_001);
    expect(await Promise.all([read(), read()])).toMatchObject([{ value: 2 }, { value: 2 }]);
    expect(calls.map((call) => call.priority)).toEqual(['ask', 'ask']);
  });

  test('readers who must wait do not queue behind a refresh that nobody waited for: they ask, once for all of them', async () => {
    const { read, calls, clock, upstream } = createBench(await open());
    await read();
    const slow = later();
    upstream.answer = slow.answer;
    await clock.advance(30_000);
    await read();
    await clock.advance(29_000);
    const waiting = [read({ deadline: clock.now() + 20_000 })];
    await clock.advance(5_000);
    waiting.push(read(), read());
    slow.resolve('new');
    expect((await Promise.all(waiting)).map((one) => one.value)).toEqual([1, 'new', 'new']);
    expect(calls.map((call) => call.priority)).toEqual(['ask', 'refresh', 'ask']);
  });

  test('a refresh that the own ration held back keeps nobody away who may ask', async () => {
    const { read, calls, clock, snapshots, upstream } = createBench(await open());
    await read();
    upstream.answer = () => Promise.reject(new UpstreamRateLimited('GET /x', 'no request left', {}));
    await clock.advance(30_000);
    await read();
    await snapshots.settled();
    upstream.answer = () => Promise.resolve('new');
    await clock.advance(30_001);
    expect(await read()).toMatchObject({ value: 'new', stale: false });
    expect(calls.map((call) => call.priority)).toEqual(['ask', 'refresh', 'ask']);
    expect(await snapshots.states(account)).toMatchObject([{ error: null }]);
  });

  test('what fails is served as it was known, marked stale, and the error is told by the state', async () => {
    const { read, calls, clock, fail, snapshots, start } = createBench(await open());
    await read();
    fail();
    await clock.advance(70_000);
    expect(await read()).toEqual({ value: 1, asOf: start, stale: true });
    expect(calls).toHaveLength(2);
    expect(snapshots.stats().stale).toBe(1);
    expect(await snapshots.states(account)).toEqual([
      { resource: 'wallet', asOf: start, complete: true, rows: 1, error: 'upstream is down' },
    ]);
  });

  test('a refresh that succeeds clears the error', async () => {
    const { read, clock, fail, snapshots, upstream } = createBench(await open());
    await read();
    fail();
    await clock.advance(70_000);
    await read();
    upstream.answer = async () => 'back';
    await clock.advance(20_000);
    expect(await read()).toEqual({ value: 'back', asOf: clock.now(), stale: false });
    expect(await snapshots.states(account)).toMatchObject([{ error: null }]);
  });

  test('where nothing is known the failure is thrown, to all who ask within a second, then it is tried again', async () => {
    const { read, calls, clock, fail, snapshots, upstream } = createBench(await open());
    fail();
    for (let reader = 0; reader < 30; reader++) await expect(read()).rejects.toThrow('upstream is down');
    expect(calls).toHaveLength(1);
    expect(await snapshots.states(account)).toEqual([
      { resource: 'wallet', asOf: null, complete: false, rows: 0, error: 'upstream is down' },
    ]);
    await clock.advance(1_000);
    await expect(read()).rejects.toThrow('upstream is down');
    await clock.advance(1_999);
    await expect(read()).rejects.toThrow('upstream is down');
    expect(calls).toHaveLength(2);
    upstream.answer = async () => 'up again';
    await clock.advance(1);
    expect(await read()).toMatchObject({ value: 'up again' });
  });

  test('a failing upstream is left alone for longer and longer', async () => {
    const { read, calls, clock, fail, snapshots, warnings } = createBench(await open());
    await read();
    fail();
    for (let second = 0; second < 300; second++) {
      await clock.advance(1_000);
      await read();
      await snapshots.settled();
    }
    // At 20, 40, 80, 140, 200 and 260 s: waits of 20, 40 and then 60 s. The first two are behind a served value.
    expect(calls.slice(1).map((call) => call.priority)).toEqual(['refresh', 'refresh', 'ask', 'ask', 'ask', 'ask']);
    expect(warnings).toEqual(['A refresh failed', 'A refresh failed']);
  });

  test('DIDfarm may ask to be left alone for longer', async () => {
    const { read, calls, clock, fail } = createBench(await open());
    await read();
    fail(Object.assign(new Error('slow down'), { retryAfterMilliseconds: 100_000 }));
    await clock.advance(70_000);
    await read();
    await clock.advance(99_999);
    expect((await read()).stale).toBe(true);
    expect(calls).toHaveLength(2);
    await clock.advance(1);
    await read();
    expect(calls).toHaveLength(3);
  });

  test('the fresh window widens as the budget drains, the bound does not', async () => {
    const { read, calls, clock, budget, snapshots } = createBench(await open());
    await read();
    budget.remaining = 15;
    await clock.advance(39_999);
    await read();
    await snapshots.settled();
    expect(calls).toHaveLength(1);
    budget.remaining = 0;
    await clock.advance(20_001);
    await read();
    await snapshots.settled();
    expect(calls.map((call) => call.priority)).toEqual(['ask', 'refresh']);
    await clock.advance(60_001);
    await read();
    expect(calls.at(-1)?.priority).toBe('ask');
  });
});
