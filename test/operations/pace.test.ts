import { describe, expect, test } from 'vitest';
import { dueAt, type Sought } from '../../src/operations/pace.ts';
import { hidePurchases } from '../mutations/evidence/hidden.ts';
import { begin, breakOnce, buy, calls, forSale, later, minutes, operation, rest } from '../mutations/evidence/lost.ts';

const never = Number.NEGATIVE_INFINITY;
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const now = Date.parse('2026-04-05T12:00:00Z');
const lost = (at: number): Sought => ({ source: 'transactions', at, state: 'lost' });

describe('a listing is read for a lost call', () => {
  test('at once', () => {
    expect(dueAt(lost(now), { read: now - hour, asked: never, now })).toBe(now);
  });

  test('no sooner than five seconds after it was asked for because of another', () => {
    expect(dueAt(lost(now), { read: now - second, asked: now - second, now })).toBe(now + 4 * second);
  });

  test.each([
    ['seconds', 10 * second, 15 * second],
    ['minutes', 10 * minute, minute],
    ['hours', 3 * hour, 10 * minute],
    ['days', 3 * day, hour],
  ])('again and again, as slowly as it is worth after %s', (_, age, pause) => {
    const read = now - second;
    expect(dueAt(lost(now - age), { read, asked: read, now })).toBe(read + pause);
  });
});

describe('where the clock was put back', () => {
  test('a call that was lost in what is now the future is looked for each minute', () => {
    expect(dueAt(lost(now + day), { read: now + day, asked: never, now })).toBeLessThanOrEqual(now);
    expect(dueAt(lost(now + day), { read: now + day, asked: now - second, now })).toBe(now + minute - second);
  });

  test('a listing that was read in the future holds up no look', () => {
    expect(dueAt(lost(now - 10 * minute), { read: now + day, asked: now + day, now })).toBeLessThanOrEqual(now);
    const judged: Sought = { source: 'transactions', at: now - 2 * hour, state: 'not-done' };
    expect(dueAt(judged, { read: now + day, asked: now + day, now })).toBe(now - hour);
  });
});

test('answers that are lost one a second take a small part of the ration for looks', async () => {
  await using gateway = await begin();
  const items = forSale(gateway, 9);
  gateway.sandbox.control.faults.add({ kind: 'cut-before', path: '/wallet/checkout', method: 'POST' });
  gateway.sandbox.control.resetCalls();
  for (const [place, item] of items.entries()) {
    await buy(gateway, [item], `k${place}`);
    await later(gateway, second);
  }
  expect(calls(gateway, 'POST /wallet/checkout')).toBe(9);
  expect(calls(gateway, 'GET /wallet/transactions')).toBeLessThanOrEqual(3);
});

test('a checkout that was lost while the clock was a day ahead is looked for once that is put right', async () => {
  await using gateway = await begin();
  gateway.clock.step(day);
  breakOnce(gateway, 'cut-after', '/wallet/checkout');
  const show = hidePurchases(gateway);
  await buy(gateway, forSale(gateway, 1));
  await rest(gateway);
  show();
  gateway.clock.step(-day);
  gateway.sandbox.control.resetCalls();
  await minutes(gateway, 2);
  expect(calls(gateway, 'GET /wallet/transactions')).toBeGreaterThanOrEqual(2);
  expect(calls(gateway, 'GET /wallet/transactions')).toBeLessThanOrEqual(4);
  const { findings } = (await operation(gateway)) ?? {};
  expect(findings?.[0]).toContain('Its trace may be transaction 21');
});
