import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { accountId, accountScope } from '../../src/access/viewer.ts';
import type { Storage } from '../../src/storage/database.ts';
import { contains, type Listing, ownClient } from '../../src/storage/pages.ts';
import { countFound, searchPages } from '../../src/storage/search.ts';
import type { MessageRow } from '../../src/storage/tables.ts';
import { eachDatabase } from '../support/databases.ts';

const messages: Listing<MessageRow> = {
  source: sql.table('messages'),
  keys: ['at', 'message_id'],
  direction: 'desc',
  visible: ownClient,
};
const whole = accountScope(accountId('main'));
const slice = { limit: 3, after: null, before: null, backward: false };
const ids = (page: { rows: readonly MessageRow[] } | undefined) => page?.rows.map((each) => Number(each.message_id));

/** Texts 1 to `rows`, two a millisecond; each 5,500th is rare, and client 0 has every tenth. */
async function fill(storage: Storage, rows: number): Promise<void> {
  await sql`
    insert into messages (account, message_id, direction, sender, recipient, body, status, at, client_key)
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(rows)})
    select 'main', substr(cast(100000 + i as text), 2), 'INBOUND', '+31612345678', '+31201234567',
      case when i % 5500 = 0 then 'A RARE one' else 'one of many' end, 'RECEIVED', i / 2, 'c' || (i % 10)
    from n`.execute(storage.db);
}

/** A search that counts its pauses and the statements it took. */
function searching(storage: Storage, typed: string) {
  const before = storage.queries();
  const counted = { pauses: 0, statements: () => storage.queries() - before };
  const pause = async () => {
    counted.pauses += 1;
  };
  return { counted, search: { scanned: [contains('body', typed)], pause } };
}

eachDatabase('a search', (open) => {
  test('goes through a listing in stretches of 5,000 rows and pauses between two, from either side', async () => {
    const storage = await open();
    await fill(storage, 12_000);
    const read = async (change: object) => {
      const { counted, search } = searching(storage, 'rare');
      const [page] = await searchPages(storage, messages, whole, [[]], { ...slice, ...change }, search);
      return [ids(page), page?.more, counted.pauses, counted.statements()];
    };
    expect(await read({})).toEqual([[11_000, 5_500], false, 2, 6]);
    expect(await read({ limit: 1 })).toEqual([[11_000], true, 1, 4]);
    expect(await read({ backward: true })).toEqual([[11_000, 5_500], false, 2, 6]);
    expect(await read({ backward: true, limit: 1 })).toEqual([[5_500], true, 2, 6]);
    expect(await read({ after: [5_500, '11000'] })).toEqual([[5_500], false, 2, 6]);
    expect(await read({ before: [2_750, '05500'] })).toEqual([[11_000], false, 1, 4]);
    expect(await read({ after: [5_500, '11000'], before: [2_750, '05500'] })).toEqual([[], false, 1, 4]);
  });

  test('is done as soon as its page is full', async () => {
    const storage = await open();
    await fill(storage, 12_000);
    const { counted, search } = searching(storage, 'MANY');
    const [page] = await searchPages(storage, messages, whole, [[]], slice, search);
    expect([ids(page), page?.more]).toEqual([[12_000, 11_999, 11_998], true]);
    expect([counted.pauses, counted.statements()]).toEqual([0, 2]);
  });

  test('counts in the same stretches', async () => {
    const storage = await open();
    await fill(storage, 12_000);
    const { counted, search } = searching(storage, 'many');
    expect(await countFound(storage, messages, whole, [[]], search)).toEqual([11_998]);
    expect([counted.pauses, counted.statements()]).toEqual([2, 6]);
  });

  test('ends with what its pause throws', async () => {
    const storage = await open();
    await fill(storage, 12_000);
    const { counted, search } = searching(storage, 'nothing');
    const late = new Error('late');
    const refused = { ...search, pause: () => Promise.reject(late) };
    await expect(searchPages(storage, messages, whole, [[]], slice, refused)).rejects.toBe(late);
    await expect(countFound(storage, messages, whole, [[]], refused)).rejects.toBe(late);
    expect(counted.statements()).toBe(4);
  });

  test('of many parents shares its stretches among those that are not done', async () => {
    const storage = await open();
    await fill(storage, 4_000);
    const parents = Array.from({ length: 10 }, (_, client) => [sql`client_key = ${`c${client}`}`]);
    const few = searching(storage, 'many');
    const pages = await searchPages(storage, messages, whole, parents, slice, few.search);
    expect(pages.map(ids).slice(0, 2)).toEqual([
      [4_000, 3_990, 3_980],
      [3_991, 3_981, 3_971],
    ]);
    expect([few.counted.pauses, few.counted.statements()]).toEqual([0, 2]);
    const none = searching(storage, 'rare');
    expect(await countFound(storage, messages, whole, parents, none.search)).toEqual(parents.map(() => 0));
    expect([none.counted.pauses, none.counted.statements()]).toEqual([0, 2]);
  });
});
