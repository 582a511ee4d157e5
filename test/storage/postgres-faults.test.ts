import { sql } from 'kysely';
import pg from 'pg';
import { expect, test } from 'vitest';
import { openStorage } from '../../src/storage/database.ts';
import { onPostgres } from '../support/databases.ts';
import { startPostgres } from '../support/postgres.ts';

test('a server that does not answer is named, its password is not', async () => {
  // A port that nothing is given: one that was free a moment ago may be another test's by now.
  const failure: Error = await openStorage('postgres://me:secret@127.0.0.1:9/gateway').then(
    () => expect.unreachable(),
    (error) => error,
  );
  expect(failure).toMatchObject({ name: 'StorageError', code: 'UNREACHABLE' });
  expect(failure.message).toContain('127.0.0.1:9/gateway');
  expect(failure.message).not.toContain('secret');
});

test('a host that does not exist is named as unreachable', async () => {
  await expect(openStorage('postgres://host.invalid/gateway')).rejects.toMatchObject({ code: 'UNREACHABLE' });
});

test('a server that goes away fails what is asked of it with the reason', async () => {
  const server = await startPostgres();
  const storage = await openStorage(server.url);
  await storage.ping();
  await server.stop();
  await expect(storage.ping()).rejects.toMatchObject({ code: 'UNREACHABLE' });
  await expect(storage.transaction(async () => 1)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  await storage.close();
});

onPostgres('a PostgreSQL', (open, { url }) => {
  async function administer(address: string, statement: string): Promise<void> {
    const client = new pg.Client(address);
    await client.connect();
    await client.query(statement);
    await client.end();
  }
  const cut = (address: string) =>
    administer(
      address,
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );

  test('a database that does not exist is refused', async () => {
    const address = new URL(await url());
    address.pathname = '/nobody_made_this';
    await expect(open(address.href)).rejects.toMatchObject({ code: 'REFUSED' });
  });

  test('a connection cut in the middle of a transaction fails it with the reason, stores nothing, and the next one works', async () => {
    const address = await url();
    const storage = await open(address);
    const broken = storage.transaction(async (trx) => {
      await trx.insertInto('settings').values({ name: 'lost', value: '' }).execute();
      await cut(address);
      await trx.insertInto('settings').values({ name: 'lost too', value: '' }).execute();
    });
    await expect(broken).rejects.toMatchObject({ name: 'StorageError', code: 'UNREACHABLE' });
    await storage.transaction((trx) => trx.insertInto('settings').values({ name: 'kept', value: '' }).execute());
    expect(await storage.db.selectFrom('settings').select('name').execute()).toEqual([{ name: 'kept' }]);
  });

  test('idle connections that are cut are replaced', async () => {
    const address = await url();
    const storage = await open(address);
    await Promise.all([storage.ping(), storage.ping()]);
    await cut(address);
    // Each of the two may be noticed only by who uses it; nobody is told twice of one connection.
    for (const _connection of ['first', 'second'])
      await storage.ping().catch((error) => expect(error).toMatchObject({ code: 'UNREACHABLE' }));
    await storage.ping();
  });

  test('a database that may only be read is named as not writable', async () => {
    const address = await url();
    await (await open(address)).close();
    await administer(
      address,
      `alter database ${new URL(address).pathname.slice(1)} set default_transaction_read_only = on`,
    );
    const storage = await open(address);
    const write = sql`insert into settings values ('a', '1')`.execute(storage.db);
    await expect(write).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  });

  test('a server whose transactions see only what was there when they began does not keep one from seeing the one before', async () => {
    const address = await url();
    await administer(
      address,
      `alter database ${new URL(address).pathname.slice(1)} set default_transaction_isolation = 'repeatable read'`,
    );
    const storage = await open(address);
    const add = () =>
      storage.transaction(async (trx) => {
        const { rows } = await sql<{ count: number }>`select count(*) as count from settings`.execute(trx);
        await trx
          .insertInto('settings')
          .values({ name: String(rows[0]?.count), value: '' })
          .execute();
      });

    await Promise.all(Array.from({ length: 8 }, add));

    const names = await storage.db.selectFrom('settings').select('name').orderBy('name').execute();
    expect(names.map(({ name }) => name)).toEqual([...'01234567']);
  });

  test('gateways that start at once on an empty database do not collide', async () => {
    const address = await url();
    const started = await Promise.all(Array.from({ length: 5 }, () => open(address)));
    await Promise.all(started.map((storage) => storage.ping()));
    const { rows } = await sql`select name from kysely_migration`.execute(started[0]?.db ?? expect.unreachable());
    expect(rows.map((row) => Object(row).name)).toEqual([
      '0001-local-picture',
      '0002-operations',
      '0003-late-evidence',
      '0004-log',
    ]);
  });
});
