import { expect, test } from 'vitest';
import { at, createDrivenClock } from '../../src/sandbox/clock.ts';
import { createFakeClock } from '../support/clock.ts';

const day = 86_400_000;
const startAt = Date.parse('2026-04-05T12:00:00Z');

test('timers fire in their order and at their own time when the clock is moved', async () => {
  const clock = createDrivenClock(startAt);
  const fired: [string, number][] = [];
  const note = (name: string) => () => void fired.push([name, Math.round((clock.now() - startAt) / 1000)]);
  clock.after(20_000, note('second'));
  clock.after(10_000, () => {
    note('first')();
    clock.after(15_000, note('third'));
  });
  clock.after(40_000, note('late'));
  clock.after(5000, note('cancelled'))();
  await clock.advance(30_000);
  expect(fired).toEqual([
    ['first', 10],
    ['second', 20],
    ['third', 25],
  ]);
});

test('two moves at once follow each other', async () => {
  const clock = createDrivenClock(startAt);
  let fired = 0;
  clock.after(1.5 * day, () => fired++);
  await Promise.all([clock.advance(day), clock.advance(day)]);
  expect(fired).toBe(1);
  expect(clock.now()).toBeGreaterThanOrEqual(startAt + 2 * day);
});

test('the clock runs by itself as well', async () => {
  const clock = createDrivenClock(startAt);
  await new Promise<void>((resolve) => void clock.after(1, resolve));
  expect(clock.now()).toBeGreaterThan(startAt);
});

test('a time further away than a timer can hold is reached in pieces', async () => {
  const fake = createFakeClock(startAt);
  const waits: number[] = [];
  const after = (milliseconds: number, run: () => void) => {
    waits.push(milliseconds);
    return fake.after(milliseconds, run);
  };
  const clock = { ...fake, after };
  const reached: number[] = [];
  at(clock, startAt + 100 * day, () => void reached.push(clock.now()));
  const cancel = at(clock, startAt + 90 * day, () => void reached.push(0));
  await clock.advance(50 * day);
  cancel();
  await clock.advance(49 * day);
  expect(reached).toEqual([]);
  await clock.advance(day);
  expect(reached).toEqual([startAt + 100 * day]);
  expect(Math.max(...waits)).toBeLessThan(2 ** 31);
});
