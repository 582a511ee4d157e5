import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { Touch } from '../../../src/storage/touch.ts';
import { eachDatabase, onPostgres } from '../../support/databases.ts';
import { startPostgresProxy } from '../../support/postgres-proxy.ts';

/** An observer that lists what it is told: `read settings a`, `written settings a`; `*` is any key. */
function listing() {
  const told: string[] = [];
  const text = ({ table, keys }: Touch) => `${table} ${keys?.join(',') ?? '*'}`;
  return {
    told,
    observe: {
      read: (touch: Touch) => void told.push(`read ${text(touch)}`),
      written: (touch: Touch) => void told.push(`written ${text(touch)}`),
    },
  };
}

eachDatabase('what is read and written is told', (open) => {
  const opened = async () => {
    const { told, observe } = listing();
    const storage = await open(undefined, { observe });
    told.length = 0;
    const insert = (name: string, db = storage.db) => db.insertInto('settings').values({ name, value: '1' }).execute();
    const read = (name: string) => storage.db.selectFrom('settings').selectAll().where('name', '=', name).execute();
    return { told, storage, insert, read };
  };

  test('a read before it is sent, a write when it has run', async () => {
    const { told, insert, read } = await opened();
    await read('a');
    expect(told).toEqual(['read settings a']);
    await insert('a');
    expect(told).toEqual(['read settings a', 'written settings a']);
  });

  test('a write before whoever waits for it goes on', async () => {
    const { told, insert } = await opened();
    await insert('a').then(() => told.push('gone on'));
    expect(told).toEqual(['written settings a', 'gone on']);
  });

  test('what a transaction writes, when it is committed and before others read', async () => {
    const { told, storage, insert, read } = await opened();
    const committed = storage.transaction(async (trx) => {
      await insert('a', trx);
      await insert('b', trx);
      expect(told).toEqual([]);
    });
    await committed.then(() => told.push('gone on'));
    await read('a');
    expect(told).toEqual(['written settings a', 'written settings b', 'gone on', 'read settings a']);
  });

  test('nothing of what is rolled back', async () => {
    const { told, storage, insert } = await opened();
    const failing = storage.transaction(async (trx) => {
      await insert('a', trx);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await insert('b');
    expect(told).toEqual(['written settings b']);
  });

  test('nothing where no row was changed', async () => {
    const { told, storage, insert } = await opened();
    await storage.db.deleteFrom('settings').where('name', '=', 'a').execute();
    await insert('a');
    await storage.db
      .insertInto('settings')
      .values({ name: 'a', value: '2' })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .execute();
    expect(told.filter((one) => one.startsWith('written'))).toEqual(['written settings a']);
  });

  test('a write that failed, since it may have run', async () => {
    const { told, insert } = await opened();
    await insert('a');
    await expect(insert('a')).rejects.toThrow();
    expect(told).toEqual(['written settings a', 'written settings a']);
  });

  test('a failed write leaves what is told of the next transaction whole', async () => {
    const { told, storage, insert } = await opened();
    await insert('a');
    await expect(
      storage.transaction(async (trx) => {
        await insert('b', trx);
        await insert('a', trx);
      }),
    ).rejects.toThrow();
    told.length = 0;
    await storage.transaction((trx) => insert('c', trx));
    expect(told).toEqual(['written settings c']);
  });

  test('rows of several accounts are of any', async () => {
    const written: Touch[] = [];
    const storage = await open(undefined, {
      observe: { read: () => undefined, written: (touch) => written.push(touch) },
    });
    const insert = (...accounts: string[]) =>
      storage.db
        .insertInto('trimmed_digests')
        .values(accounts.map((account, place) => ({ account, digest: `${place}`, received_at: 1 })))
        .execute();
    written.length = 0;
    await insert('a', 'a');
    await insert('b', 'c');
    const table = 'trimmed_digests';
    expect(written).toEqual([
      { table, account: 'a', keys: ['0', '1'] },
      { table, account: null, keys: ['0', '1'] },
    ]);
  });

  test('raw statements too', async () => {
    const { told, storage } = await opened();
    await sql`insert into settings (name, value) values (${'a'}, ${'1'})`.execute(storage.db);
    await sql`select value from settings where name in (${'a'}, ${'b'})`.execute(storage.db);
    expect(told).toEqual(['written settings a', 'read settings a,b']);
  });
});

onPostgres('what is written is told', (open, { url }) => {
  test('where the answer to the commit is lost, too: it may be there', async () => {
    await using proxy = await startPostgresProxy(await url());
    const { told, observe } = listing();
    const storage = await open(proxy.url, { observe });
    told.length = 0;
    proxy.loseNextCommit();
    const lost = storage.transaction((trx) => trx.insertInto('settings').values({ name: 'a', value: '1' }).execute());
    await expect(lost).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(told).toEqual(['written settings a']);
    await storage.close();
  });
});
