import { expect, test } from 'vitest';
import { accountId, accountScope } from '../../src/access/viewer.ts';
import { appendEvent, lastSeq, readEvents } from '../../src/events/log.ts';
import type { Storage } from '../../src/storage/database.ts';
import { eachDatabase } from '../support/databases.ts';
import { event } from './support/event.ts';

const main = accountId('main');
const other = accountId('other');

const append = (storage: Storage, account: typeof main, digest: string) =>
  storage.transaction((trx) => appendEvent(trx, account, event(digest)));

eachDatabase('the log', (open) => {
  test('numbers the events of each account from 1 without a gap, also those appended at once', async () => {
    const storage = await open();

    const appended = await Promise.all([...'abcdefghij'].map((digest) => append(storage, main, digest)));
    await append(storage, other, 'a');

    expect(appended.map((each) => each?.seq).toSorted((one, two) => Number(one) - Number(two))).toEqual(
      Array.from({ length: 10 }, (_, index) => index + 1),
    );
    expect(await lastSeq(storage.db, main)).toBe(10);
    expect(await lastSeq(storage.db, other)).toBe(1);
  });

  test('takes a digest once an account and spends no number on the second', async () => {
    const storage = await open();

    expect(await append(storage, main, 'a')).toEqual({ seq: 1 });
    expect(await append(storage, main, 'a')).toBeNull();
    expect(await append(storage, main, 'b')).toEqual({ seq: 2 });
  });

  test('spends no number on a transaction that is rolled back', async () => {
    const storage = await open();
    const failing = storage.transaction(async (trx) => {
      await appendEvent(trx, main, event('a'));
      throw new Error('no');
    });

    await expect(failing).rejects.toThrow('no');

    expect(await lastSeq(storage.db, main)).toBe(0);
    expect(await append(storage, main, 'b')).toEqual({ seq: 1 });
  });

  test('is read in its order, after one event, up to another and so many at a time', async () => {
    const storage = await open();
    for (const digest of 'abcdefgh') await append(storage, main, digest);
    await append(storage, other, 'z');
    const read = async (after: number, upTo: number, limit: number) => {
      const page = await readEvents(storage, accountScope(main), [], { after, upTo, limit });
      return { seqs: page.rows.map((row) => row.seq), more: page.more };
    };

    expect(await read(0, 8, 3)).toEqual({ seqs: [1, 2, 3], more: true });
    expect(await read(3, 5, 3)).toEqual({ seqs: [4, 5], more: false });
    expect(await read(8, 8, 3)).toEqual({ seqs: [], more: false });
  });
});
