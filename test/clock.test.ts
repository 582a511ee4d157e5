import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../src/clock.ts';

const days = 24 * 60 * 60 * 1000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([1, 1000, 2 ** 31 - 1, 2 ** 31, 60 * days])(
  'a timer of %i ms runs then, once, and no earlier',
  async (span) => {
    const run = vi.fn();
    systemClock.after(span, run);
    await vi.advanceTimersByTimeAsync(span - 1);
    expect(run).toHaveBeenCalledTimes(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(run).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(60 * days);
    expect(run).toHaveBeenCalledTimes(1);
  },
);

test('a timer of many weeks can be cancelled in the second of them', async () => {
  const run = vi.fn();
  const cancel = systemClock.after(60 * days, run);
  await vi.advanceTimersByTimeAsync(30 * days);
  cancel();
  await vi.advanceTimersByTimeAsync(60 * days);
  expect(run).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test('a sleep of many weeks lasts as long, unless it is ended', async () => {
  const woken = vi.fn();
  const ended = vi.fn();
  const ending = new AbortController();
  systemClock.sleep(60 * days).then(woken);
  systemClock.sleep(60 * days, ending.signal).catch(ended);
  await vi.advanceTimersByTimeAsync(60 * days - 1);
  expect(woken).not.toHaveBeenCalled();
  ending.abort(new Error('gone'));
  await vi.advanceTimersByTimeAsync(1);
  expect(woken).toHaveBeenCalledTimes(1);
  expect(ended).toHaveBeenCalledWith(new Error('gone'));
  expect(vi.getTimerCount()).toBe(0);
});
