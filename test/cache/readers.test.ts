import { describe, expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { account, createBench, later, until } from './bench.ts';

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
