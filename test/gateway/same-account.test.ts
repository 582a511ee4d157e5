import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-account-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const start = (sandbox: { apiKey: string; seed: number }) =>
  startGateway({ databaseUrl: `sqlite:${join(folder, 'gateway.db')}`, sandbox });

async function used(sandbox: { apiKey: string; seed: number }): Promise<void> {
  await using gateway = await start(sandbox);
  await gateway.askText('{ trunks { totalCount } }');
}

test('another account’s key is refused on a database that knows this one’s trunks', async () => {
  await used({ apiKey: 'df_live_one', seed: 1 });
  await expect(start({ apiKey: 'df_live_two', seed: 2 })).rejects.toMatchObject({
    name: 'StorageError',
    code: 'OTHER_ACCOUNT',
  });
  await using again = await start({ apiKey: 'df_live_one', seed: 1 });
  expect(again.sandbox.control.calls().total).toBe(0);
});

test('a new key of the same account is taken, and costs one listing once', async () => {
  await used({ apiKey: 'df_live_one', seed: 1 });
  {
    await using rotated = await start({ apiKey: 'df_live_new', seed: 1 });
    expect(rotated.sandbox.control.calls().routes).toEqual({ 'GET /portal/sip-trunks': 1 });
  }
  await using again = await start({ apiKey: 'df_live_new', seed: 1 });
  expect(again.sandbox.control.calls().total).toBe(0);
});
