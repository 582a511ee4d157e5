import { expect, test } from 'vitest';
import { accountId } from '../../src/access/viewer.ts';
import { eachDatabase } from '../support/databases.ts';
import { account, createBench, later, policy, until } from './bench.ts';

eachDatabase('what is known', (open, kind) => {
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
    clock.step(-3_600_000);
    expect(await read()).toEqual({ value: 2, asOf: clock.now(), stale: false });
    expect((await read()).value).toBe(2);
    expect(calls).toHaveLength(2);
    expect(await snapshots.states(account)).toMatchObject([{ asOf: clock.now() }]);
  });

  test('a clock put forward does not lose a snapshot', async () => {
    const { read, clock, fail, start } = createBench(await open());
    await read();
    clock.step(365 * 86_400_000);
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
