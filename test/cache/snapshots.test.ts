import { describe, expect, test } from 'vitest';
import { accountId } from '../../src/access/viewer.ts';
import { createSnapshots, type LoadOptions, type Snapshots } from '../../src/cache/snapshots.ts';
import type { Storage } from '../../src/storage/database.ts';
import { createFakeClock } from '../support/clock.ts';
import { eachDatabase } from '../support/databases.ts';

const policy = { resource: 'wallet', fresh: 20_000, bound: 60_000 };
const account = accountId('main');

interface Served {
  readonly resource: string;
  readonly asOf: number;
  readonly stale: boolean;
}

/** An upstream whose answers are 1, 2, 3 …, and the snapshots of it. */
function createBench(
  storage: Storage,
  options: { maxEntries?: number; clock?: ReturnType<typeof createFakeClock> } = {},
) {
  const clock = options.clock ?? createFakeClock();
  const budget = { limitPerMinute: 60, remaining: 60 };
  const warnings: string[] = [];
  const snapshots: Snapshots = createSnapshots({
    storage,
    clock,
    budget: () => budget,
    log: { warn: (_fields, message) => void warnings.push(message) },
    ...(options.maxEntries && { maxEntries: options.maxEntries }),
  });
  const calls: LoadOptions[] = [];
  const upstream: { answer: (options: LoadOptions) => Promise<unknown> } = { answer: async () => calls.length };
  const served: Served[] = [];
  const load = (options: LoadOptions) => {
    calls.push(options);
    return upstream.answer(options);
  };
  const read = (more: { key?: string; signal?: AbortSignal; deadline?: number; onSent?: () => void } = {}) =>
    snapshots.read(account, policy, more.key ?? '', load, {
      deadline: clock.now() + 10_000,
      onServed: (what) => served.push(what),
      ...more,
    });
  const fail = (error: Error = new Error('upstream is down')) => {
    upstream.answer = async () => {
      throw error;
    };
  };
  return { clock, budget, warnings, snapshots, calls, upstream, served, read, fail, start: clock.now() };
}

/** An answer that comes when the test says so. */
function later<T>() {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  return { answer: () => promise, resolve, reject };
}

eachDatabase('snapshots', (open, kind) => {
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

  test('a reader who must wait joins the refresh that runs already', async () => {
    const { read, calls, clock, upstream } = createBench(await open());
    await read();
    const slow = later();
    upstream.answer = slow.answer;
    await clock.advance(30_000);
    await read();
    await clock.advance(29_000);
    const waiting = [read({ deadline: clock.now() + 20_000 })];
    await clock.advance(5_000);
    waiting.push(read());
    slow.resolve('new');
    expect((await Promise.all(waiting)).map((one) => one.value)).toEqual([1, 'new']);
    expect(calls).toHaveLength(2);
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

  test('where nothing is known the failure is thrown, and the next reader tries again', async () => {
    const { read, calls, fail, snapshots, upstream } = createBench(await open());
    fail();
    await expect(read()).rejects.toThrow('upstream is down');
    expect(await snapshots.states(account)).toEqual([
      { resource: 'wallet', asOf: null, complete: false, rows: 0, error: 'upstream is down' },
    ]);
    upstream.answer = async () => 'back';
    expect((await read()).value).toBe('back');
    expect(calls).toHaveLength(2);
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

  test('what else teaches the fact is served without a call, an older lesson never', async () => {
    const { read, calls, clock, snapshots, start } = createBench(await open());
    await snapshots.write(account, policy, '', 'from a checkout', start);
    expect(await read()).toEqual({ value: 'from a checkout', asOf: start, stale: false });
    await snapshots.write(account, policy, '', 'older', start - 1);
    expect((await read()).value).toBe('from a checkout');
    await clock.advance(1_000);
    await snapshots.write(account, policy, '', 'newer', clock.now());
    expect(await read()).toEqual({ value: 'newer', asOf: start + 1_000, stale: false });
    expect(calls).toHaveLength(0);
  });

  test('a refresh does not undo what was written after it was sent', async () => {
    const { read, calls, clock, upstream, snapshots } = createBench(await open());
    const slow = later();
    upstream.answer = slow.answer;
    const first = read();
    await until(() => calls.length === 1);
    await clock.advance(10);
    await snapshots.write(account, policy, '', 'written', clock.now());
    slow.resolve('before');
    expect((await first).value).toBe('written');
    expect((await read()).value).toBe('written');
  });

  test('a value is of the time its call was sent, not of when it waited or came back', async () => {
    const { read, clock, upstream, start } = createBench(await open());
    let sent = 0;
    upstream.answer = async ({ onSent }) => {
      await clock.sleep(3_000);
      onSent();
      await clock.sleep(2_000);
      return 'slow';
    };
    const { asOf } = await clock.through(read({ onSent: () => void sent++ }));
    expect(asOf).toBe(start + 3_000);
    expect(sent).toBe(1);
  });

  test('what has expired waits for a refresh that began after that', async () => {
    const { read, calls, upstream, snapshots } = createBench(await open());
    await read();
    await snapshots.expire(account, policy, '');
    const early = later();
    upstream.answer = early.answer;
    const before = read();
    await until(() => calls.length === 2);
    await snapshots.expire(account, policy, '');
    upstream.answer = async () => 'after';
    expect(await read()).toMatchObject({ value: 'after', stale: false });
    early.resolve('too early');
    await before;
    expect((await read()).value).toBe('after');
    expect(calls).toHaveLength(3);
  });

  test('what has expired is still served where DIDfarm fails, marked stale', async () => {
    const { read, fail, snapshots } = createBench(await open());
    await read();
    await snapshots.expire(account, policy, '');
    fail();
    expect(await read()).toMatchObject({ value: 1, stale: true });
  });

  test('a clock put back does not keep a snapshot fresh for ever', async () => {
    const { read, clock, calls, snapshots } = createBench(await open());
    await read();
    clock.jump(-3_600_000);
    expect(await read()).toEqual({ value: 2, asOf: clock.now(), stale: false });
    expect((await read()).value).toBe(2);
    expect(calls).toHaveLength(2);
    expect(await snapshots.states(account)).toMatchObject([{ asOf: clock.now() }]);
  });

  test('a clock put forward does not lose a snapshot', async () => {
    const { read, clock, fail, start } = createBench(await open());
    await read();
    clock.jump(365 * 86_400_000);
    fail();
    expect(await read()).toEqual({ value: 1, asOf: start, stale: true });
  });

  test('accounts and keys do not see each other', async () => {
    const { read, snapshots, calls, clock } = createBench(await open());
    await snapshots.write(accountId('other'), policy, '', 'of another account', clock.now());
    await snapshots.write(account, policy, 'country=NL', 'of another key', clock.now());
    expect((await read()).value).toBe(1);
    expect((await read({ key: 'country=NL' })).value).toBe('of another key');
    expect(calls).toHaveLength(1);
    expect((await snapshots.states(account)).map((state) => state.resource)).toEqual(['wallet']);
  });

  test('of keyed values as many of the newest are kept as memory holds', async () => {
    const storage = await open();
    const { snapshots, clock, read, calls } = createBench(storage, { maxEntries: 3 });
    await read();
    for (let page = 1; page <= 9; page++) {
      await clock.advance(1);
      await snapshots.write(account, policy, `page=${page}`, page, clock.now());
    }
    const rows = await storage.db.selectFrom('snapshots').select('resource').orderBy('resource').execute();
    expect(rows.map((row) => row.resource)).toEqual(['wallet', ...[7, 8, 9].map((page) => `wallet?page=${page}`)]);
    expect(snapshots.stats().entries).toBe(3);
    expect((await read()).value).toBe(1);
    expect(calls).toHaveLength(1);
  });

  test('a keyed value that was never answered leaves no row behind', async () => {
    const storage = await open();
    const { read, fail } = createBench(storage);
    fail();
    await expect(read({ key: 'country=XX' })).rejects.toThrow('upstream is down');
    expect(await storage.db.selectFrom('snapshots').selectAll().execute()).toEqual([]);
  });

  test('lists count themselves, and values that stand for rows elsewhere say how many', async () => {
    const { snapshots, clock } = createBench(await open());
    const write = (resource: string, value: unknown) =>
      snapshots.write(account, { ...policy, resource }, '', value, clock.now());
    await write('a', [1, 2]);
    await write('b', { rows: 7, complete: false });
    await write('c', null);
    expect((await snapshots.states(account)).map(({ rows, complete }) => [rows, complete])).toEqual([
      [2, true],
      [7, false],
      [0, true],
    ]);
  });

  test('one storage query finds what memory does not hold, however many ask at once', async () => {
    const storage = await open();
    const { snapshots, clock } = createBench(storage);
    await snapshots.write(account, policy, '', 'known', clock.now());
    const second = createBench(storage, { clock });
    const before = storage.queries();
    const reads = await Promise.all([second.read(), second.read(), second.read()]);
    expect(reads.map((one) => one.value)).toEqual(['known', 'known', 'known']);
    expect(storage.queries() - before).toBe(1);
    await second.read();
    expect(storage.queries() - before).toBe(1);
    expect(second.calls).toHaveLength(0);
  });

  if (!kind.durable) return;

  test('after a restart what is known is served at once, then refreshed', async () => {
    const url = await kind.url();
    const before = await open(url);
    const first = createBench(before);
    await first.read();
    await before.close();
    await first.clock.advance(30_000);
    const { read, snapshots, calls } = createBench(await open(url), { clock: first.clock });
    expect(await read()).toEqual({ value: 1, asOf: first.start, stale: false });
    await snapshots.settled();
    expect(calls.map((call) => call.priority)).toEqual(['refresh']);
  });

  test('what had expired before a restart has expired after it', async () => {
    const url = await kind.url();
    const before = await open(url);
    const first = createBench(before);
    await first.read();
    await first.snapshots.expire(account, policy, '');
    await before.close();
    const { read, upstream } = createBench(await open(url), { clock: first.clock });
    upstream.answer = async () => 'new';
    expect((await read()).value).toBe('new');
  });
});

eachDatabase('readers of a snapshot', (open) => {
  describe('who leave', () => {
    test('do not stop the call that others wait for', async () => {
      const { read, calls, upstream } = createBench(await open());
      const slow = later();
      upstream.answer = slow.answer;
      const leaver = new AbortController();
      const leaving = read({ signal: leaver.signal });
      const staying = read();
      await until(() => calls.length === 1);
      leaver.abort(new Error('gone'));
      await expect(leaving).rejects.toThrow('gone');
      expect(calls[0]?.signal.aborted).toBe(false);
      slow.resolve('for the other');
      expect((await staying).value).toBe('for the other');
      expect(calls).toHaveLength(1);
    });

    test('stop it as the last ones, which counts as no failure', async () => {
      const { read, calls, upstream, snapshots } = createBench(await open());
      upstream.answer = ({ signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      const leaver = new AbortController();
      const leaving = read({ signal: leaver.signal });
      await until(() => calls.length === 1);
      leaver.abort(new Error('gone'));
      await expect(leaving).rejects.toThrow('gone');
      expect(calls[0]?.signal.aborted).toBe(true);
      await snapshots.settled();
      expect(await snapshots.states(account)).toEqual([]);
    });

    test('are not served at all where they left before', async () => {
      const { read, calls } = createBench(await open());
      await expect(read({ signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone');
      expect(calls).toHaveLength(0);
    });
  });

  test('wait no longer than their deadline: then the known value serves, stale', async () => {
    const { read, clock, upstream, start, calls } = createBench(await open());
    await read();
    upstream.answer = later().answer;
    await clock.advance(70_000);
    const waiting = read({ deadline: clock.now() + 5_000 });
    await clock.advance(5_000);
    expect(await waiting).toEqual({ value: 1, asOf: start, stale: true });
    expect(calls).toHaveLength(2);
  });

  test('wait no longer than their deadline: where nothing is known that is an upstream failure', async () => {
    const { read, calls, clock, upstream } = createBench(await open());
    upstream.answer = later().answer;
    const outcome = expect(read({ deadline: clock.now() + 5_000 })).rejects.toMatchObject({ name: 'UpstreamTimedOut' });
    await until(() => calls.length === 1);
    await clock.advance(5_000);
    await outcome;
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}
