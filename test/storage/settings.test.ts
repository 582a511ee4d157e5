import { expect, test } from 'vitest';
import { readOrCreateSetting } from '../../src/storage/settings.ts';
import { eachDatabase } from '../support/databases.ts';

eachDatabase('a setting', (open, { durable, url }) => {
  test('is made once, also by callers at the same time', async () => {
    const storage = await open();
    const values = await Promise.all(['a', 'b', 'c'].map((value) => readOrCreateSetting(storage, 'key', () => value)));
    expect(new Set(values).size).toBe(1);
    expect(await readOrCreateSetting(storage, 'key', () => 'later')).toBe(values[0]);
  });

  if (!durable) return;

  test('outlives a restart', async () => {
    const address = await url();
    const before = await open(address);
    await readOrCreateSetting(before, 'key', () => 'first');
    await before.close();
    expect(await readOrCreateSetting(await open(address), 'key', () => 'second')).toBe('first');
  });
});
