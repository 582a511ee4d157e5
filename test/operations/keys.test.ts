import { describe, expect, test } from 'vitest';
import { openStorage } from '../../src/storage/database.ts';
import { makeTrunk, recordOf, startActing } from './support/acting.ts';

const making = 'POST /portal/sip-trunks';
const input = { name: 'Acme Corp Noord' };

describe('a key', () => {
  test.each([
    ['empty', ''],
    ['of 256 characters', 'x'.repeat(256)],
    ['of 10,000 characters', 'x'.repeat(10_000)],
    ['with a NUL', 'a\0b'],
    ['with half a character', 'a\ud800'],
  ])('%s is refused without an operation', async (_name, idempotencyKey) => {
    await using acting = await startActing();
    const storage = await openStorage('sqlite::memory:');
    const settled = await acting.start(storage).send(makeTrunk, idempotencyKey, input);
    expect(settled).toMatchObject({
      status: 'FAILED',
      failure: { type: 'ValidationError', fields: [{ path: 'idempotencyKey' }] },
    });
    expect(await storage.db.selectFrom('operations').selectAll().execute()).toEqual([]);
    expect(acting.calls(making)).toBe(0);
    await storage.close();
  });

  test('is made where none is given', async () => {
    await using acting = await startActing();
    const storage = await openStorage('sqlite::memory:');
    const { key } = await acting.start(storage).send(makeTrunk, null, input);
    expect(await recordOf(storage, key)).toMatchObject({ status: 'SUCCEEDED' });
    await storage.close();
  });
});
