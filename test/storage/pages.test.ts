import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { accountId, accountScope, clientKey, scopeOf } from '../../src/access/viewer.ts';
import type { Storage } from '../../src/storage/database.ts';
import { contains, countRows, type Listing, oneOf, ownClient, readPages, readRows } from '../../src/storage/pages.ts';
import type { MessageRow } from '../../src/storage/tables.ts';
import { eachDatabase } from '../support/databases.ts';

const messages: Listing<MessageRow> = {
  source: sql.table('messages'),
  keys: ['at', 'message_id'],
  direction: 'desc',
  visible: ownClient,
};
const account = accountId('main');
const whole = accountScope(account);
const slice = { limit: 2, after: null, before: null, backward: false };

async function fill(storage: Storage): Promise<void> {
  const row = (id: string, at: number, client: string, body: string, of = 'main') => ({
    account: of,
    message_id: id,
    direction: 'INBOUND',
    sender: '+31612345678',
    recipient: '+31201234567',
    body,
    status: 'RECEIVED',
    raw_status: null,
    segments: null,
    cost: null,
    currency: null,
    at,
    e164: client === 'acme' ? '+31201234567' : '+31201234568',
    trunk_key: null,
    client_key: client,
  });
  const rows = [
    row('a', 10, 'acme', 'ÅNGSTRÖM 100%'),
    row('b', 10, 'acme', 'two'),
    row('c', 20, 'zoo', 'three'),
    row('d', 30, 'acme', 'four'),
    row('e', 40, 'acme', 'foreign', 'other'),
  ];
  await storage.db.insertInto('messages').values(rows).execute();
}

const ids = (page: { rows: readonly MessageRow[] } | undefined) => page?.rows.map((each) => each.message_id);

eachDatabase('pages', (open) => {
  test('each parent gets its own page in one statement, in the order of the keys', async () => {
    const storage = await open();
    await fill(storage);
    const before = storage.queries();
    const parents = [[sql`client_key = ${'acme'}`], [sql`client_key = ${'none'}`], [sql`client_key = ${'zoo'}`]];
    const pages = await readPages(storage, messages, whole, parents, slice);
    expect(storage.queries() - before).toBe(1);
    expect(pages.map(ids)).toEqual([['d', 'b'], [], ['c']]);
    expect(pages.map((page) => page.more)).toEqual([true, false, false]);
    expect(await countRows(storage, messages, whole, parents)).toEqual([3, 0, 1]);
  });

  test('rows with the same first key are told apart by the second, forwards and backwards', async () => {
    const storage = await open();
    await fill(storage);
    const read = async (change: object) =>
      ids((await readPages(storage, messages, whole, [[]], { ...slice, ...change }))[0]);
    expect(await read({})).toEqual(['d', 'c']);
    expect(await read({ after: [20, 'c'] })).toEqual(['b', 'a']);
    expect(await read({ after: [10, 'b'] })).toEqual(['a']);
    expect(await read({ backward: true })).toEqual(['b', 'a']);
    expect(await read({ backward: true, before: [10, 'a'] })).toEqual(['c', 'b']);
    expect(await read({ after: [30, 'd'], before: [10, 'a'], limit: 9 })).toEqual(['c', 'b']);
  });

  test('no page, count or row of another account, or beyond the scope, is ever given', async () => {
    const storage = await open();
    await fill(storage);
    const own = scopeOf({ account, name: 'portal', role: 'CLIENT', client: clientKey(' ZOO ') });
    expect(ids((await readPages(storage, messages, own, [[]], { ...slice, limit: 9 }))[0])).toEqual(['c']);
    expect(await countRows(storage, messages, own, [[], [sql`client_key = ${'acme'}`]])).toEqual([1, 0]);
    expect(await readRows(storage, messages, own, 'message_id', ['a', 'e'])).toEqual([]);
    expect(ids({ rows: await readRows(storage, messages, whole, 'message_id', ['a', 'e']) })).toEqual(['a']);
    const nobody = scopeOf({ account, name: 'portal', role: 'CLIENT', client: null });
    expect(await countRows(storage, messages, nobody, [[]])).toEqual([0]);
  });

  test('text is looked for in any case and any script, and a percent sign is a percent sign', async () => {
    const storage = await open();
    await fill(storage);
    const found = async (typed: string) =>
      ids((await readPages(storage, messages, whole, [[contains('body', typed)]], slice))[0]);
    expect(await found('ångström')).toEqual(['a']);
    expect(await found('0%')).toEqual(['a']);
    expect(await found('%t')).toEqual([]);
    expect(await found('T_O')).toEqual([]);
    expect(await found('O')).toEqual(['d', 'b']);
  });

  test('one of no values is nothing', async () => {
    const storage = await open();
    await fill(storage);
    expect(
      await countRows(storage, messages, whole, [[oneOf('client_key', [])], [oneOf('client_key', ['zoo', 'acme'])]]),
    ).toEqual([0, 4]);
  });

  test('a thousand parents at once are read in four statements', async () => {
    const storage = await open();
    await fill(storage);
    const parents = Array.from({ length: 1_000 }, (_, i) => [sql`client_key = ${i === 999 ? 'zoo' : `c${i}`}`]);
    const before = storage.queries();
    const pages = await readPages(storage, messages, whole, parents, slice);
    expect(storage.queries() - before).toBe(4);
    expect(pages.map((page) => page.rows.length).filter((rows) => rows > 0)).toEqual([1]);
    expect(ids(pages[999])).toEqual(['c']);
  });

  test('large pages are read a thousand rows at most at a time, with turns of others between', async () => {
    const storage = await open();
    await fill(storage);
    const parents = Array.from({ length: 30 }, (_, i) => [sql`client_key = ${i === 29 ? 'zoo' : `c${i}`}`]);
    const before = storage.queries();
    let seen = 0;
    setImmediate(() => {
      seen = storage.queries() - before;
    });
    const pages = await readPages(storage, messages, whole, parents, { ...slice, limit: 100 });
    expect(storage.queries() - before).toBe(4);
    expect(seen).toBeLessThan(4);
    expect(ids(pages[29])).toEqual(['c']);
  });
});
