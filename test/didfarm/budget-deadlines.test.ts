import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBudget } from '../../src/didfarm/budget.ts';
import { UpstreamRateLimited } from '../../src/didfarm/errors.ts';
import { slotMilliseconds } from '../../src/didfarm/spent-window.ts';
import { createFakeClock } from '../support/clock.ts';
import { ask, spend } from './support/budget.ts';

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
