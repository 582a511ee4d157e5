import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Budget, createBudget, type Grant } from '../../src/didfarm/budget.ts';
import type { Priority } from '../../src/didfarm/call-options.ts';
import { createDemand, ranks } from '../../src/didfarm/demand.ts';
import { UpstreamCancelled, UpstreamRateLimited } from '../../src/didfarm/errors.ts';
import { slotMilliseconds } from '../../src/didfarm/spent-window.ts';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { createSteppedClock } from './support/stepped-clock.ts';

const minute = 60_000;

interface Asked {
  readonly grant: Promise<Grant>;
  /** The failure of a caller that got no place, once it is known. */
  readonly failure: () => unknown;
  readonly granted: () => boolean;
}

function ask(budget: Budget, clock: FakeClock, priority: Priority, span = 1e9, signal?: AbortSignal): Asked {
  let granted = false;
  let failure: unknown;
  const demand = createDemand('GET /x', clock, (asked) => budget.acquire(asked));
  const grant = demand.join({ priority, deadline: clock.now() + span, signal });
  grant.then(
    () => {
      granted = true;
    },
    (reason) => {
      failure = reason;
    },
  );
  return { grant, granted: () => granted, failure: () => failure };
}

async function spend(budget: Budget, clock: FakeClock, count: number, priority: Priority = 'act'): Promise<void> {
  for (let i = 0; i < count; i++) (await ask(budget, clock, priority).grant).answered({}, false);
}

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
          const time = createFakeClock();
          const clock = createSteppedClock(time);
          const budget = createBudget(limit, clock);
          const counted: number[] = [];
          let finished = 0;
          for (const { pause, priority, latency, counted: share, step } of requests) {
            clock.step(step);
            const { grant } = ask(budget, clock, priority);
            grant.then((place) => {
              counted.push(time.now() + latency * share);
              time.after(latency, () => {
                place.answered({}, false);
                finished += 1;
              });
            });
            await time.advance(pause);
          }
          // Everybody is served in the end, whatever the clock did: nothing wedges.
          await time.advance((requests.length + 1) * (slotMilliseconds + 20_000));
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

describe('a deadline that cannot be met', () => {
  test('is refused at once, with the very time at which a place comes free', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 12 }),
        fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 5, maxLength: 5 }),
        async (limit, ahead, pauses) => {
          const clock = createFakeClock();
          const budget = createBudget(limit, clock);
          for (const pause of pauses.slice(0, limit)) {
            await spend(budget, clock, 1);
            await clock.advance(pause);
          }
          for (let i = 0; i < ahead; i++) {
            ask(budget, clock, 'act').grant.then((place) => place.answered({}, false));
          }
          const tooLate = ask(budget, clock, 'act', 1);
          await clock.advance(0);
          const failure = tooLate.failure();
          expect(failure).toBeInstanceOf(UpstreamRateLimited);
          const wait = failure instanceof UpstreamRateLimited ? (failure.retryAfterMilliseconds ?? 0) : 0;
          const inTime = ask(budget, clock, 'act', wait + 1);
          await clock.advance(wait - 1);
          expect(inTime.granted()).toBe(false);
          await clock.advance(1);
          expect(inTime.granted()).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('one that was possible is refused as soon as a more urgent call takes its place', async () => {
    const clock = createFakeClock();
    const budget = createBudget(1, clock);
    await spend(budget, clock, 1);
    const asked = ask(budget, clock, 'ask', slotMilliseconds + 1);
    await clock.advance(10);
    expect(asked.failure()).toBeUndefined();
    ask(budget, clock, 'act');
    await clock.advance(0);
    expect(asked.failure()).toMatchObject({
      name: 'UpstreamRateLimited',
      retryAfterMilliseconds: 2 * slotMilliseconds - 10,
    });
  });

  test('one that is refused is not counted as waiting before those behind it', async () => {
    const clock = createFakeClock();
    const budget = createBudget(1, clock);
    await spend(budget, clock, 1);
    const first = ask(budget, clock, 'ask', slotMilliseconds + 1);
    const second = ask(budget, clock, 'ask', 2 * slotMilliseconds + 1);
    ask(budget, clock, 'act').grant.then((place) => place.answered({}, false));
    await clock.advance(2 * slotMilliseconds);
    expect(first.failure()).toBeInstanceOf(UpstreamRateLimited);
    expect(second.granted()).toBe(true);
  });

  test('where answers are so slow that the place never comes, the refusal comes at the deadline', async () => {
    const clock = createFakeClock();
    const budget = createBudget(1, clock);
    await ask(budget, clock, 'act').grant;
    const asked = ask(budget, clock, 'act', 2 * slotMilliseconds);
    await clock.advance(2 * slotMilliseconds);
    expect(asked.failure()).toBeInstanceOf(UpstreamRateLimited);
    expect(budget.state().queued).toBe(0);
  });
});

test('a caller that leaves leaves the queue, and those behind it move up', async () => {
  const clock = createFakeClock();
  const budget = createBudget(1, clock);
  await spend(budget, clock, 1);
  const controller = new AbortController();
  const first = ask(budget, clock, 'act', 1e9, controller.signal);
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
  const asked = [1, 2].map(() => ask(budget, clock, 'act', 1e9, controller.signal));
  controller.abort();
  await clock.advance(0);
  expect(asked.every((one) => one.failure() instanceof UpstreamCancelled)).toBe(true);
  expect(clock.pending()).toBe(spentOnly);
});

describe('what DIDfarm says of the limit', () => {
  test('others who spend the account take from what is left, until the reset it names', async () => {
    const clock = createFakeClock();
    const budget = createBudget(60, clock);
    (await ask(budget, clock, 'act').grant).answered({ limit: 60, remaining: 10, resetsInMilliseconds: 20_000 }, false);
    expect(budget.state().remaining).toBe(10);
    await clock.advance(20_000);
    expect(budget.state().remaining).toBe(59);
  });

  test('a higher remaining than ours gives nothing back', async () => {
    const clock = createFakeClock();
    const budget = createBudget(60, clock);
    await spend(budget, clock, 30);
    (await ask(budget, clock, 'act').grant).answered({ limit: 60, remaining: 59 }, false);
    expect(budget.state().remaining).toBe(29);
  });

  test('a lower limit holds, a higher one does not raise what was configured', async () => {
    const clock = createFakeClock();
    const budget = createBudget(60, clock);
    (await ask(budget, clock, 'act').grant).answered({ limit: 20 }, false);
    expect(budget.state()).toMatchObject({ limitPerMinute: 20, remaining: 19 });
    (await ask(budget, clock, 'act').grant).answered({ limit: 600, remaining: 500 }, false);
    expect(budget.state()).toMatchObject({ limitPerMinute: 60, remaining: 58 });
  });

  test('after a 429 nothing goes before the time it names', async () => {
    const clock = createFakeClock();
    const budget = createBudget(60, clock);
    (await ask(budget, clock, 'act').grant).answered({ retryAfterMilliseconds: 7_000 }, true);
    const impatient = ask(budget, clock, 'act', 5_000);
    const patient = ask(budget, clock, 'act', 8_000);
    await clock.advance(6_999);
    expect(impatient.failure()).toMatchObject({ retryAfterMilliseconds: 7_000 });
    expect(patient.granted()).toBe(false);
    await clock.advance(1);
    expect(patient.granted()).toBe(true);
  });

  test('a pause is not cut short by an answer that names a shorter one, and callers it is too long for leave at once', async () => {
    const clock = createFakeClock();
    const budget = createBudget(2, clock);
    const places = await Promise.all([ask(budget, clock, 'act').grant, ask(budget, clock, 'act').grant]);
    const impatient = ask(budget, clock, 'act', slotMilliseconds + 1);
    const patient = ask(budget, clock, 'act');
    places[0]?.answered({ retryAfterMilliseconds: 120_000 }, true);
    places[1]?.answered({ retryAfterMilliseconds: 1_000 }, true);
    await clock.advance(119_999);
    expect(impatient.failure()).toMatchObject({ retryAfterMilliseconds: 120_000 });
    expect(patient.granted()).toBe(false);
    await clock.advance(1);
    expect(patient.granted()).toBe(true);
  });

  test('while requests are under way, what remains is only ever corrected downwards', async () => {
    const clock = createFakeClock();
    const budget = createBudget(60, clock);
    const [first, second, third] = await Promise.all([1, 2, 3].map(() => ask(budget, clock, 'act').grant));
    first?.answered({ limit: 60, remaining: 37 }, false); // 20 by others, if ours are all counted
    expect(budget.state().remaining).toBe(37);
    second?.answered({ limit: 60, remaining: 57 }, false); // overtaken by the first
    expect(budget.state().remaining).toBe(37);
    third?.answered({ limit: 60, remaining: 47 }, false);
    expect(budget.state().remaining).toBe(47);
  });

  test('429s that name no time are followed by ever longer pauses, at most a minute', async () => {
    const clock = createFakeClock();
    const budget = createBudget(60, clock);
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) {
      const before = clock.now();
      const place = await clock.through(ask(budget, clock, 'act').grant);
      pauses.push(clock.now() - before);
      place.answered({}, true);
    }
    expect(pauses).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
    (await clock.through(ask(budget, clock, 'act').grant)).answered({}, false);
    (await ask(budget, clock, 'act').grant).answered({}, true);
    const before = clock.now();
    await clock.through(ask(budget, clock, 'act').grant);
    expect(clock.now() - before).toBe(1_000);
  });
});
