import { expect, test } from 'vitest';
import { openStorage } from '../../src/storage/database.ts';
import { readOrCreateSetting } from '../../src/storage/settings.ts';

test('a setting is made once, also by callers at the same time', async () => {
  const storage = await openStorage('sqlite::memory:');
  const values = await Promise.all(['a', 'b', 'c'].map((value) => readOrCreateSetting(storage, 'key', () => value)));
  expect(new Set(values).size).toBe(1);
  expect(await readOrCreateSetting(storage, 'key', () => 'later')).toBe(values[0]);
  await storage.close();
});
