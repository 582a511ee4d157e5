import { expect, test } from 'vitest';
import { run } from '../harness.ts';

test('numbers of one order mostly go to one trunk, some to two, and some to none', async () => {
  await using api = await run({ numbers: 2000 });
  const { numbers, trunks } = api.sandbox.control.world;
  const all = numbers.all().toArray();
  const routed = all.filter(({ trunkId }) => trunkId !== null);
  expect(routed.every(({ trunkId }) => trunks.byId(trunkId ?? 0) !== undefined)).toBe(true);
  expect(routed.length / all.length).toBeGreaterThan(0.9);
  expect(routed.length).toBeLessThan(all.length);

  const pairs = all.flatMap((number, i) => {
    const other = all[i + 1];
    return i % 2 === 0 && other ? [[number, other] as const] : [];
  });
  const together = pairs.filter(([a, b]) => a.orderId === b.orderId && a.trunkId === b.trunkId);
  expect(pairs.every(([a, b]) => a.orderId === b.orderId)).toBe(true);
  expect(together.length / pairs.length).toBeGreaterThan(0.6);
  expect(together.length).toBeLessThan(pairs.length);
});

test('a number is found by its id and by its E.164 form, bought ones too, and nobody else’s', async () => {
  await using api = await run({ numbers: 100 });
  await api.post('/wallet/checkout', { items: [{ number: '+31201234567', country: 'NL', type: 'local' }] });
  const { numbers } = api.sandbox.control.world;
  expect(numbers.count()).toBe(101);
  for (const number of numbers.all()) {
    expect(numbers.byE164(number.e164)).toEqual(number);
    expect(numbers.byId(number.id)).toEqual(number);
  }
  expect([numbers.byId(0), numbers.byId(102), numbers.byId(1.5), numbers.byE164('+31600000000')]).toEqual(
    Array.from({ length: 4 }),
  );
});
