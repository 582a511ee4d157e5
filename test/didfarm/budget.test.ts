import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBudget } from '../../src/didfarm/budget.ts';
import type { Priority } from '../../src/didfarm/call-options.ts';
import { ranks } from '../../src/didfarm/demand.ts';
import { UpstreamCancelled } from '../../src/didfarm/errors.ts';
import { slotMilliseconds } from '../../src/didfarm/spent-window.ts';
import { createFakeClock } from '../support/clock.ts';
import { ask, spend } from './support/budget.ts';

const minute = 60_000;

describe('the limit', () => {
  test('is never exceeded in any minute, wherever between sending and answer DIDfarm counts a request', async () => {
    const request = fc.record({
      pause: fc.integer({ min: 0, max: 9_000 }),
      priority: fc.constantFrom<Priority>('act', 'ask', 'refresh'),
      latency: fc.integer({ min: 0, max: 20_000 }),
      counted: fc.double({ min: 0, max: 1, noNaN: true }),
      step: fc.constantFrom(0, 0, 0, 3_600_000, -3_600_000),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.array(request, { maxLength: 60 }),
        async (limit, requests) => {
          const clock = createFakeClock();
          let stepped = 0;
          const passed = () => clock.now() - stepped;
          const budget = createBudget(limit, clock);
          const counted: number[] = [];
          let finished = 0;
          for (const { pause, priority, latency, counted: share, step } of requests) {
            clock.step(step);
            stepped += step;
            const { grant } = ask(budget, clock, priority);
            grant.then((place) => {
              counted.push(passed() + latency * share);
              clock.after(latency, () => {
                place.answered({}, false);
                finished += 1;
              });
            });
            await clock.advance(pause);
          }
          // Everybody is served in the end, whatever the clock did: nothing wedges.
          await clock.advance((requests.length + 1) * (slotMilliseconds + 20_000));
          expect(finished).toBe(requests.length);
          counted.sort((a, b) => a - b);
          for (const [index, at] of counted.entries()) {
            const inWindow = counted.slice(index).filter((other) => other < at + minute);
            expect(inWindow.length).toBeLessThanOrEqual(limit);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('is all there again a minute after the last answer, not after the last request', async () => {
    const clock = createFakeClock();
    const budget = createBudget(1, clock);
    const place = await ask(budget, clock, 'act').grant;
    await clock.advance(30_000);
    place.answered({}, false);
    const next = ask(budget, clock, 'act');
    await clock.advance(slotMilliseconds - 1);
    expect(next.granted()).toBe(false);
    await clock.advance(1);
    expect(next.granted()).toBe(true);
  });

  test('counts a request that was lost, and not one that never went out', async () => {
    const clock = createFakeClock();
    const budget = createBudget(2, clock);
    (await ask(budget, clock, 'act').grant).lost();
    expect(budget.state()).toMatchObject({ remaining: 1, resetsAt: clock.now() + slotMilliseconds });
    (await ask(budget, clock, 'act').grant).unused();
    expect(budget.state().remaining).toBe(1);
  });
});

describe('priorities', () => {
  test('each is served in the order of arrival, and the more urgent ones first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom<Priority>('act', 'ask', 'refresh'), { minLength: 1, maxLength: 20 }),
        async (priorities) => {
          const clock = createFakeClock();
          const budget = createBudget(4, clock);
          await spend(budget, clock, 4);
          const served: number[] = [];
          const asked = priorities.map((priority, index) => {
            const one = ask(budget, clock, priority);
            one.grant.then((place) => {
              served.push(index);
              place.answered({}, false);
            });
            return one;
          });
          await clock.advance(slotMilliseconds * 40);
          expect(asked.every((one) => one.granted())).toBe(true);
          const expected = priorities
            .map((priority, index) => ({ rank: ranks[priority], index }))
            .sort((a, b) => a.rank - b.rank || a.index - b.index);
          expect(served).toEqual(expected.map(({ index }) => index));
        },
      ),
      { numRuns: 40 },
    );
  });

  test('refresh leaves a quarter to the others, and ask a twentieth to act', async () => {
    const clock = createFakeClock();
    const budget = createBudget(60, clock);
    await spend(budget, clock, 45, 'refresh');
    const refresh = ask(budget, clock, 'refresh');
    await spend(budget, clock, 12, 'ask');
    const other = ask(budget, clock, 'ask');
    await spend(budget, clock, 3, 'act');
    await clock.advance(0);
    expect([refresh.granted(), other.granted(), budget.state().remaining]).toEqual([false, false, 0]);
  });

  test('an act passes everybody who waits, however many they are', async () => {
    const clock = createFakeClock();
    const budget = createBudget(4, clock);
    await spend(budget, clock, 4);
    const waiting = Array.from({ length: 50 }, (_, i) => ask(budget, clock, i % 2 ? 'ask' : 'refresh'));
    const act = ask(budget, clock, 'act', slotMilliseconds + 1);
    await clock.advance(slotMilliseconds);
    expect(act.granted()).toBe(true);
    expect(waiting.filter((one) => one.granted())).toHaveLength(3);
  });
});

test('a caller that leaves leaves the queue, and those behind it move up', async () => {
  const clock = createFakeClock();
  const budget = createBudget(1, clock);
  await spend(budget, clock, 1);
  const controller = new AbortController();
  const first = ask(budget, clock, 'act', 1e9, { signal: controller.signal });
  const second = ask(budget, clock, 'act');
  expect(budget.state().queued).toBe(2);
  controller.abort();
  expect(budget.state().queued).toBe(1);
  await clock.advance(slotMilliseconds);
  expect(first.failure()).toBeInstanceOf(UpstreamCancelled);
  expect(second.granted()).toBe(true);
});

test('no timer is left for callers that are gone', async () => {
  const clock = createFakeClock();
  const budget = createBudget(1, clock);
  await spend(budget, clock, 1);
  const spentOnly = clock.pending();
  const controller = new AbortController();
  const asked = [1, 2].map(() => ask(budget, clock, 'act', 1e9, { signal: controller.signal }));
  controller.abort();
  await clock.advance(0);
  expect(asked.every((one) => one.failure() instanceof UpstreamCancelled)).toBe(true);
  expect(clock.pending()).toBe(spentOnly);
});
