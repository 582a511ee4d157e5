import { describe, expect, test } from 'vitest';
import { UpstreamRateLimited } from '../../src/didfarm/errors.ts';
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

  describe('who wait for another’s call, which that one’s part of the ration does not pay for,', () => {
    const unpaid = () => Promise.reject(new UpstreamRateLimited('GET /x', 'no request left', {}));

    test('have a call of their own, one for all of them', async () => {
      const { read, calls, upstream } = createBench(await open());
      upstream.answer = () => (calls.length === 1 ? unpaid() : Promise.resolve('paid by another'));
      const [poor, ...others] = await Promise.allSettled([read(), read(), read()]);

      expect(poor).toMatchObject({ status: 'rejected', reason: { name: 'UpstreamRateLimited' } });
      for (const other of others) expect(other).toMatchObject({ value: { value: 'paid by another' } });
      expect(calls).toHaveLength(2);
    });

    test('hold nobody up who comes at once after it', async () => {
      const { read, calls, upstream, snapshots } = createBench(await open());
      upstream.answer = unpaid;
      await expect(read()).rejects.toMatchObject({ name: 'UpstreamRateLimited' });
      upstream.answer = () => Promise.resolve('paid by another');

      expect(await read()).toMatchObject({ value: 'paid by another', stale: false });
      expect(calls).toHaveLength(2);
      expect(await snapshots.states(account)).toMatchObject([{ error: null }]);
    });

    test('are told so, too, where nobody can pay, without end of trying', async () => {
      const { read, calls, upstream } = createBench(await open());
      upstream.answer = unpaid;
      const answers = await Promise.allSettled(Array.from({ length: 20 }, () => read()));

      expect(answers.every((answer) => answer.status === 'rejected')).toBe(true);
      expect(calls.length).toBeLessThanOrEqual(3);
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
