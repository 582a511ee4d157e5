import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { Storage } from '../../src/storage/database.ts';
import { eachDatabase } from '../support/databases.ts';

const settings = ({ db }: Pick<Storage, 'db'>) => db.selectFrom('settings').selectAll().orderBy('name').execute();
const trunk = (trunk_key: string, uuid: string | null, sip_trunk_id: number | null = null) => ({
  ...{
    account: 'main',
    trunk_key,
    uuid,
    sip_trunk_id,
    name: 'Acme',
    sip_server: null,
    username: null,
    auth_type: null,
  },
  ...{ status: 'REGISTERED', raw_status: null, status_since: null, client_key: 'acme', client_name: 'Acme' },
  ...{ client_override: null, first_seen: 0 },
});

eachDatabase('storage', (open, { durable, url, engine }) => {
  test('a transaction is all or nothing', async () => {
    const storage = await open();
    const failing = storage.transaction(async (trx) => {
      await trx.insertInto('settings').values({ name: 'a', value: '1' }).execute();
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await settings(storage)).toEqual([]);
    await storage.transaction((trx) => trx.insertInto('settings').values({ name: 'a', value: '1' }).execute());
    expect(await settings(storage)).toEqual([{ name: 'a', value: '1' }]);
  });

  test('transactions take turns, so that what one has read stays true until it ends', async () => {
    const storage = await open();
    await storage.db.insertInto('settings').values({ name: 'count', value: '0' }).execute();
    const increment = () =>
      storage.transaction(async (trx) => {
        const { value } = await trx.selectFrom('settings').select('value').executeTakeFirstOrThrow();
        await trx
          .updateTable('settings')
          .set({ value: `${Number(value) + 1}` })
          .execute();
      });
    await Promise.all(Array.from({ length: 20 }, increment));
    expect(await settings(storage)).toEqual([{ name: 'count', value: '20' }]);
  });

  test('a query beside an open transaction, which would wait for ever, is refused', async () => {
    const storage = await open();
    const message = 'Inside a transaction, query through the transaction itself.';
    await expect(storage.transaction(() => settings(storage))).rejects.toThrow(message);
    await expect(storage.transaction(() => storage.transaction(async () => 1))).rejects.toThrow(message);
    expect(await settings(storage)).toEqual([]);
  });

  test('statements are counted, without those that frame a transaction', async () => {
    const storage = await open();
    expect(storage.queries()).toBe(0);
    await settings(storage);
    await storage.transaction(async (trx) => {
      await settings({ db: trx });
      await settings({ db: trx });
    });
    expect(storage.queries()).toBe(3);
  });

  test('text is ordered by its bytes, so that a cursor means the same page on every engine', async () => {
    const storage = await open();
    const names = ['a', 'B', 'é', '_', 'Z', '10', '9', '+31'];
    await storage.db
      .insertInto('settings')
      .values(names.map((name) => ({ name, value: '' })))
      .execute();
    const ordered = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect((await settings(storage)).map((row) => row.name)).toEqual(ordered);
    const after = await storage.db.selectFrom('settings').select('name').where('name', '>', 'Z').execute();
    expect(after.map((row) => row.name).toSorted()).toEqual(['_', 'a', 'é'].toSorted());
  });

  test('a unique key takes any number of unknowns, but nothing twice', async () => {
    const storage = await open();
    const insert = (row: ReturnType<typeof trunk>) => storage.db.insertInto('trunks').values(row).execute();
    await insert(trunk('id-1', null, 1));
    await insert(trunk('id-2', null, 2));
    await insert(trunk('x', 'x'));
    await insert(trunk('y', 'y'));
    await expect(insert(trunk('z', 'x'))).rejects.toThrow(/unique/i);
    await expect(insert(trunk('id-3', null, 2))).rejects.toThrow(/unique/i);
    await insert({ ...trunk('x', 'x'), account: 'other' });
  });

  test('a value of the wrong type is refused', async () => {
    const { db } = await open();
    await expect(
      sql`insert into spending_days values ('main', '*', '2026-04-05', 'EUR', 'much', 1)`.execute(db),
    ).rejects.toThrow();
  });

  test('an integer is read exactly or not at all', async () => {
    const { db } = await open();
    const day = (day: string, spent_e8: number) => ({
      account: 'main',
      trunk_key: '*',
      day,
      currency: 'EUR',
      spent_e8,
      count: 1,
    });
    const rows = [day('1', Number.MAX_SAFE_INTEGER), day('2', -Number.MAX_SAFE_INTEGER), day('3', 7)];
    await db.insertInto('spending_days').values(rows).execute();
    expect(await db.selectFrom('spending_days').selectAll().orderBy('day').execute()).toEqual(rows);
    expect(
      await db
        .selectFrom('spending_days')
        .select((row) => row.fn.countAll<number>().as('n'))
        .execute(),
    ).toEqual([{ n: 3 }]);

    await sql`update spending_days set spent_e8 = 9007199254740993 where day = '3'`.execute(db);
    const large = db.selectFrom('spending_days').where('day', '=', '3');
    await expect(large.select('spent_e8').execute()).rejects.toThrow(RangeError);
    expect(await large.select(sql<string>`cast(spent_e8 as text)`.as('text')).execute()).toEqual([
      { text: '9007199254740993' },
    ]);
  });

  test('a failed statement leaves the next one whole', async () => {
    const storage = await open();
    await expect(sql`select missing from nowhere`.execute(storage.db)).rejects.toThrow('nowhere');
    await storage.ping();
  });

  test('nothing can be queried after the end', async () => {
    const storage = await open();
    await storage.close();
    await expect(storage.ping()).rejects.toThrow();
  });

  if (!durable) return;

  test('what is stored outlives a restart, which migrates nothing again', async () => {
    const address = await url();
    const before = await open(address);
    await before.db.insertInto('settings').values({ name: 'a', value: '1' }).execute();
    await before.close();
    const after = await open(address);
    expect(await settings(after)).toEqual([{ name: 'a', value: '1' }]);
    expect((await sql`select name from kysely_migration`.execute(after.db)).rows).toEqual([
      { name: '0001-local-picture' },
      { name: '0002-operations' },
      { name: '0003-late-evidence' },
      { name: '0004-log' },
    ]);
  });

  test('a migration that fails leaves nothing of itself, and the next start does it all', async () => {
    const address = await url();
    const blocked = await open(address);
    for (const { name } of await blocked.db.introspection.getTables())
      await blocked.db.schema.dropTable(name).execute();
    await sql`delete from kysely_migration`.execute(blocked.db);
    await blocked.db.schema.createTable('trunks').addColumn('other', 'integer').execute();
    await blocked.close();
    await expect(open(address)).rejects.toThrow('already exists');
    await removeTable(address, 'trunks');
    expect(await settings(await open(address))).toEqual([]);
  });

  async function removeTable(address: string, table: string): Promise<void> {
    if (engine === 'postgres') {
      const { default: pg } = await import('pg');
      const client = new pg.Client(address);
      await client.connect();
      await client.query(`drop table ${table}`);
      await client.end();
    } else {
      const { DatabaseSync } = await import('node:sqlite');
      const database = new DatabaseSync(address.slice('sqlite:'.length));
      database.exec(`drop table ${table}`);
      database.close();
    }
  }

  test('a database of a newer version is refused before anything is touched', async () => {
    const address = await url();
    const newer = await open(address);
    await newer.db.schema.dropTable('messages').execute();
    await sql`insert into kysely_migration values ('9999-from-the-future', '2099-01-01T00:00:00.000Z')`.execute(
      newer.db,
    );
    await newer.close();
    await expect(open(address)).rejects.toMatchObject({
      name: 'StorageError',
      code: 'NEWER_VERSION',
      message: expect.stringContaining('9999-from-the-future'),
    });
    await expect(open(address)).rejects.toMatchObject({ code: 'NEWER_VERSION' });
  });
});
