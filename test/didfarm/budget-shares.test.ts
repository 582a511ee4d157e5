import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBudget } from '../../src/didfarm/budget.ts';
import type { Priority, Spender } from '../../src/didfarm/call-options.ts';
import { createDemand } from '../../src/didfarm/demand.ts';
import { UpstreamRateLimited } from '../../src/didfarm/errors.ts';
import { createShares } from '../../src/didfarm/shares.ts';
import { slotMilliseconds } from '../../src/didfarm/spent-window.ts';
import { createFakeClock } from '../support/clock.ts';
import { ask, spend } from './support/budget.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const spender = (name: string, part: Partial<Spender> = {}): Spender => ({
  name,
  perMinute: 1_000,
  atOnce: 1_000,
  ...part,
});
const [ann, bob] = [spender('ann'), spender('bob')];

describe('turns', () => {
  test('one spender with a thousand calls does not starve another, whenever that one comes', async () => {
    const clock = createFakeClock();
    const budget = createBudget(10, clock);
    const granted: string[] = [];
    const queue = (who: Spender, count: number) => {
      for (let i = 0; i < count; i++)
        ask(budget, clock, 'ask', 1e9, { spender: who }).grant.then((place) => {
          granted.push(who.name);
          place.answered({}, false);
        });
    };
    queue(ann, 1_000);
    await clock.advance(slotMilliseconds * 3);
    granted.length = 0;
    queue(bob, 10);
    await clock.advance(slotMilliseconds * 2);

    expect(granted.slice(0, 20).filter((name) => name === 'bob')).toHaveLength(10);
  });

  test('are taken one of each, round by round, by each priority for itself, and each spender’s calls keep their order', async () => {
    const call = fc.record({
      who: fc.constantFrom('ann', 'bob', 'cem', undefined),
      priority: fc.constantFrom<Priority>('act', 'ask'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 30 }), async (calls) => {
        const clock = createFakeClock();
        const budget = createBudget(4, clock);
        await spend(budget, clock, 4);
        const served: number[] = [];
        calls.forEach(({ who, priority }, index) => {
          ask(budget, clock, priority, 1e9, who ? { spender: spender(who) } : {}).grant.then((place) => {
            served.push(index);
            place.answered({}, false);
          });
        });
        await clock.advance(slotMilliseconds * 40);

        const left = calls.map((one, index) => ({ ...one, index }));
        const expected: number[] = [];
        for (const priority of ['act', 'ask']) {
          let waiting = left.filter((one) => one.priority === priority);
          while (waiting.length > 0) {
            const round = waiting.filter((one, at) => waiting.findIndex(({ who }) => who === one.who) === at);
            // All waited before the first was served, so a round has the order of the first calls.
            const first = left.filter((one) => one.priority === priority);
            const rank = (who: string | undefined) => first.findIndex((one) => one.who === who);
            expected.push(...round.sort((a, b) => rank(a.who) - rank(b.who)).map(({ index }) => index));
            waiting = waiting.filter((one) => !round.includes(one));
          }
        }
        expect(served).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test('nobody who waits is served twice before another who waits once, whenever they come and however long answers take', async () => {
    const call = fc.record({
      who: fc.constantFrom('ann', 'bob', 'cem', 'dee'),
      pause: fc.integer({ min: 0, max: 20_000 }),
      latency: fc.integer({ min: 0, max: 15_000 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(call, { minLength: 5, maxLength: 40 }),
        async (limit, calls) => {
          const clock = createFakeClock();
          const budget = createBudget(limit, clock);
          const queues = new Map<string, { passedBy: Set<string> }[]>();
          let served = 0;
          const pass = (who: string) => {
            served += 1;
            queues.get(who)?.shift();
            for (const [first] of [...queues].flatMap(([other, queue]) => (other === who ? [] : [queue]))) {
              expect(first?.passedBy.has(who)).not.toBe(true);
              first?.passedBy.add(who);
            }
          };
          for (const { who, pause, latency } of calls) {
            queues.set(who, [...(queues.get(who) ?? []), { passedBy: new Set() }]);
            ask(budget, clock, 'ask', 1e9, { spender: spender(who) }).grant.then((place) => {
              pass(who);
              clock.after(latency, () => place.answered({}, false));
            });
            await clock.advance(pause);
          }
          await clock.advance((calls.length + 1) * (slotMilliseconds + 15_000));
          expect(served).toBe(calls.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('are one of each also where many places come free at once', async () => {
    const clock = createFakeClock();
    const budget = createBudget(60, clock);
    (await ask(budget, clock, 'act').grant).answered({ retryAfterMilliseconds: 5_000, limit: 7 }, true);
    const many = Array.from({ length: 50 }, () => ask(budget, clock, 'ask', 1e9, { spender: ann }));
    const few = Array.from({ length: 3 }, () => ask(budget, clock, 'ask', 1e9, { spender: bob }));
    await clock.advance(5_000);

    expect([many, few].map((calls) => calls.filter((one) => one.granted()).length)).toEqual([3, 3]);
  });

  test('are reckoned with, so that a call is refused at once only where its own turn comes too late', async () => {
    const clock = createFakeClock();
    const budget = createBudget(1, clock);
    await spend(budget, clock, 1);
    for (let i = 0; i < 10; i++)
      ask(budget, clock, 'ask', 1e9, { spender: ann }).grant.then((place) => place.answered({}, false));
    const inTime = ask(budget, clock, 'ask', 2 * slotMilliseconds + 1, { spender: bob });
    const tooLate = ask(budget, clock, 'ask', 4 * slotMilliseconds, { spender: bob });
    await clock.advance(0);
    expect(tooLate.failure()).toMatchObject({ retryAfterMilliseconds: 4 * slotMilliseconds });
    inTime.grant.then((place) => place.answered({}, false));
    await clock.advance(2 * slotMilliseconds);
    expect(inTime.granted()).toBe(true);
  });

  test('the gateway’s own refreshing has one too, for a twentieth of the limit, and waits for the rest of it', async () => {
    const clock = createFakeClock();
    const budget = createBudget(60, clock);
    await spend(budget, clock, 55);
    const refreshing = Array.from({ length: 5 }, () => ask(budget, clock, 'refresh'));
    await clock.advance(0);
    expect(refreshing.map((one) => one.granted())).toEqual([true, true, false, false, false]);

    const flood = Array.from({ length: 500 }, () => ask(budget, clock, 'ask', 1e9, { spender: ann }));
    for (const { grant } of [...refreshing, ...flood]) grant.then((place) => place.answered({}, false));
    await clock.advance(2 * slotMilliseconds);
    expect(refreshing.map((one) => one.granted())).toEqual([true, true, true, true, true]);
    expect(flood.filter((one) => one.granted()).length).toBeGreaterThan(100);
  });
});

describe('a spender’s own part', () => {
  test('is never exceeded, neither in any minute nor at once, and the account’s ration neither; everybody is served in the end', async () => {
    const parts = { ann: [1, 1], bob: [3, 2], cem: [9, 1] } as const;
    const request = fc.record({
      who: fc.constantFrom(...(['ann', 'bob', 'cem'] as const)),
      priority: fc.constantFrom<Priority>('act', 'ask'),
      pause: fc.integer({ min: 0, max: 9_000 }),
      latency: fc.integer({ min: 0, max: 20_000 }),
      end: fc.constantFrom('answered', 'lost', 'unused'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.array(request, { maxLength: 40 }),
        async (limit, requests) => {
          const clock = createFakeClock();
          const budget = createBudget(limit, clock);
          const sent: { who: string; from: number; to: number }[] = [];
          let finished = 0;
          for (const { who, priority, pause, latency, end } of requests) {
            const [perMinute, atOnce] = parts[who];
            ask(budget, clock, priority, 1e9, { spender: { name: who, perMinute, atOnce } }).grant.then((place) => {
              const from = clock.now();
              clock.after(latency, () => {
                if (end !== 'unused') sent.push({ who, from, to: clock.now() });
                if (end === 'answered') place.answered({}, false);
                else place[end]();
                finished += 1;
              });
            });
            await clock.advance(pause);
          }
          await clock.advance((requests.length + 1) * (slotMilliseconds + 20_000));
          expect(finished).toBe(requests.length);
          const overlaps = (list: typeof sent, span: number) =>
            Math.max(
              0,
              ...list.map(({ from }) => list.filter((one) => one.from <= from && from < one.to + span).length),
            );
          expect(overlaps(sent, 60_000)).toBeLessThanOrEqual(limit);
          for (const [who, [perMinute, atOnce]] of Object.entries(parts)) {
            const own = sent.filter((one) => one.who === who);
            expect(overlaps(own, 60_000)).toBeLessThanOrEqual(perMinute);
            expect(overlaps(own, 0)).toBeLessThanOrEqual(atOnce);
          }
        },
      ),
      { numRuns: 80 },
    );
  });

  test('that is spent refuses at once what cannot be in time, with the very time at which it is back', async () => {
    const clock = createFakeClock();
    const budget = createBudget(60, clock);
    const small = spender('ann', { perMinute: 2 });
    await spend(budget, clock, 1, 'ask', { spender: small });
    await clock.advance(5_000);
    await spend(budget, clock, 1, 'ask', { spender: small });
    await clock.advance(1_000);
    const refused = ask(budget, clock, 'ask', 10_000, { spender: small });
    await clock.advance(0);
    expect(refused.failure()).toBeInstanceOf(UpstreamRateLimited);
    expect(refused.failure()).toMatchObject({ retryAfterMilliseconds: slotMilliseconds - 6_000 });
    const waits = ask(budget, clock, 'ask', slotMilliseconds, { spender: small });
    await clock.advance(slotMilliseconds - 6_001);
    expect(waits.granted()).toBe(false);
    await clock.advance(1);
    expect(waits.granted()).toBe(true);
  });

  test('counts for each of several calls that wait for it', async () => {
    const clock = createFakeClock();
    const budget = createBudget(60, clock);
    const small = spender('ann', { perMinute: 1 });
    await spend(budget, clock, 1, 'ask', { spender: small });
    const first = ask(budget, clock, 'ask', 1e9, { spender: small });
    const second = ask(budget, clock, 'ask', slotMilliseconds + 1, { spender: small });
    await clock.advance(0);

    expect([first.failure(), second.failure()]).toMatchObject([
      undefined,
      { retryAfterMilliseconds: 2 * slotMilliseconds },
    ]);
  });

  test('that is waited for is not reckoned to take the places that come free before', async () => {
    const clock = createFakeClock();
    const budget = createBudget(2, clock);
    const small = spender('ann', { perMinute: 1 });
    await spend(budget, clock, 1, 'act', { spender: bob });
    await clock.advance(20_000);
    await spend(budget, clock, 1, 'act', { spender: small });
    ask(budget, clock, 'act', 1e9, { spender: small });
    const other = ask(budget, clock, 'ask', slotMilliseconds - 10_000, { spender: bob });
    await clock.advance(slotMilliseconds - 20_000);

    expect([other.failure(), other.granted()]).toEqual([undefined, true]);
  });

  test('that is spent holds up nobody else', async () => {
    const clock = createFakeClock();
    const budget = createBudget(60, clock);
    const small = spender('ann', { perMinute: 1 });
    await spend(budget, clock, 1, 'ask', { spender: small });
    const own = Array.from({ length: 50 }, () => ask(budget, clock, 'act', 1e9, { spender: small }));
    const other = ask(budget, clock, 'ask', 1, { spender: bob });
    await clock.advance(0);

    expect([other.granted(), own.some((one) => one.granted())]).toEqual([true, false]);
  });

  test('of requests at once is free again when one ends, in whatever way', async () => {
    for (const end of ['answered', 'lost', 'unused'] as const) {
      const clock = createFakeClock();
      const budget = createBudget(60, clock);
      const single = spender('ann', { atOnce: 1 });
      const place = await ask(budget, clock, 'ask', 1e9, { spender: single }).grant;
      const next = ask(budget, clock, 'ask', 1e9, { spender: single });
      await clock.advance(30_000);
      expect([end, next.granted()]).toEqual([end, false]);
      // The deadline of the one that waits, and nothing that looks again and again.
      expect(clock.pending()).toBe(1);
      if (end === 'answered') place.answered({}, false);
      else place[end]();
      await clock.advance(0);
      expect([end, next.granted()]).toEqual([end, true]);
    }
  });

  test('is told, also while nothing of it is spent', async () => {
    const clock = createFakeClock();
    const budget = createBudget(60, clock);
    const small = spender('ann', { perMinute: 5 });
    expect(budget.share(small)).toEqual({ limitPerMinute: 5, remaining: 5, resetsAt: null });
    await spend(budget, clock, 2, 'ask', { spender: small });
    await spend(budget, clock, 1, 'ask', { spender: bob });
    expect(budget.share(small)).toEqual({
      limitPerMinute: 5,
      remaining: 3,
      resetsAt: clock.now() + slotMilliseconds,
    });
    await clock.advance(slotMilliseconds);
    expect(budget.share(small)).toEqual({ limitPerMinute: 5, remaining: 5, resetsAt: null });
  });

  test('of the caller who can soonest pays for a call that several wait for', async () => {
    const clock = createFakeClock();
    const budget = createBudget(60, clock);
    const small = spender('ann', { perMinute: 1 });
    await spend(budget, clock, 1, 'ask', { spender: small });
    const shared = createDemand('GET /x', clock, (demand) => budget.acquire(demand));
    const deadline = clock.now() + 1e9;
    const first = shared.join({ priority: 'ask', deadline, spender: small });
    await clock.advance(1_000);
    expect(budget.state().queued).toBe(1);
    const second = shared.join({ priority: 'ask', deadline, spender: bob });
    budget.reconsider();
    await Promise.all([first, second]);

    expect([budget.share(small).remaining, budget.share(bob).remaining]).toEqual([0, 999]);
  });
});

test('whose minute is over is forgotten, however many there were', async () => {
  const clock = createFakeClock();
  const shares = createShares(clock, () => undefined);
  const held = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const come = async (count: number) => {
    for (let nth = 0; nth < count; nth++) shares.take(spender(`${count} ${nth}`)).settle();
    await clock.advance(slotMilliseconds);
  };
  await come(100);
  const before = held();
  await come(5_000);

  expect((held() - before) / 1_048_576).toBeLessThan(3);
});
