import { describe, expect, test } from 'vitest';
import { createBudget } from '../../src/didfarm/budget.ts';
import { slotMilliseconds } from '../../src/didfarm/spent-window.ts';
import { createFakeClock } from '../support/clock.ts';
import { ask, spend } from './support/budget.ts';

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
