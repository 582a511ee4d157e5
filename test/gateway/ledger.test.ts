import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { slotMilliseconds } from '../../src/didfarm/spent-window.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

async function start() {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return startGateway({
    databaseUrl: `sqlite:${join(folder, 'gateway.db')}`,
    sandbox: { variants: { rateLimitHeaders: 'absent' } },
  });
}

const search = async (gateway: Gateway, city: string) =>
  (
    await gateway.askText('query ($city: String) { availableNumbers(country: "NL", city: $city) { totalCount } }', {
      city,
    })
  ).extensions?.upstream.remaining;

test('a restart does not give back the minute that was spent, and the minute ends when it would have', async () => {
  await using gateway = await start();
  await search(gateway, 'a');
  await gateway.clock.advance(20_000);
  for (const city of ['b', 'c', 'd']) await search(gateway, city);
  await gateway.restart();
  expect(await search(gateway, 'e')).toBe(55);
  await gateway.clock.advance(slotMilliseconds - 20_000);
  expect(await search(gateway, 'f')).toBe(55);
  await gateway.clock.advance(slotMilliseconds);
  await gateway.restart();
  expect(await search(gateway, 'g')).toBe(59);
});

test('it is written down within a second, for what does not end orderly', async () => {
  await using gateway = await start();
  const written = async () => {
    const settings = gateway.app.storage.db.selectFrom('settings').select('value');
    const row = await settings.where('name', '=', 'spent minute of sandbox').executeTakeFirstOrThrow();
    return JSON.parse(row.value);
  };
  await search(gateway, 'a');
  await search(gateway, 'b');
  expect(await written()).toEqual([]);
  await gateway.clock.advance(1_000);
  const at = gateway.clock.now() - 1_000 + slotMilliseconds;
  expect(await written()).toEqual([at, at]);
});
