import { expect, test } from 'vitest';
import { run } from '../harness.ts';
import { createReceiver } from '../webhooks/receiver.ts';

async function liveFor(minutes: number, seed: number) {
  await using receiver = await createReceiver();
  await using api = await run({ lively: true, seed, webhook: { url: receiver.url } });
  for (let i = 0; i < minutes; i++) {
    await api.clock.advance(60_000);
    await api.sandbox.control.webhooks.idle();
  }
  const { world } = api.sandbox.control;
  const booked = world.wallet.newest(0, world.wallet.count() - world.history.count);
  return { events: receiver.events(), spent: booked.reduce((sum, { amount }) => sum + amount, 0), world };
}

test('a few times a minute something happens: trunks, texts and numbers', async () => {
  const { events, spent, world } = await liveFor(30, 1);
  expect(events.length / 30).toBeGreaterThan(2);
  expect(events.length / 30).toBeLessThan(10);
  const names = new Set(events.map(({ event }) => event));
  for (const name of ['trunk.registered', 'trunk.offline', 'message.received', 'number.activated']) {
    expect(names).toContain(name);
  }
  expect(world.wallet.balance()).toBe(142_500 + spent);
});

test('the same seed lives the same life', async () => {
  const [first, again, other] = [await liveFor(5, 3), await liveFor(5, 3), await liveFor(5, 4)];
  expect(again.events).toEqual(first.events);
  expect(other.events).not.toEqual(first.events);
});

test('a lively account tops up before it runs dry', async () => {
  await using api = await run({ lively: true, balance: '3' });
  await api.clock.advance(3_600_000);
  const { wallet, history } = api.sandbox.control.world;
  const rows = wallet.newest(0, wallet.count() - history.count);
  expect(rows.filter(({ type }) => type === 'top-up').map(({ amount }) => amount)).toContain(50_000);
});

test('a sandbox that is not lively keeps still', async () => {
  await using api = await run({ webhook: { url: 'http://127.0.0.1:9' } });
  await api.clock.advance(3_600_000);
  expect(api.sandbox.control.webhooks.list()).toEqual([]);
});
