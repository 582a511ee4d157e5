import { writeFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startInstallation } from '../support/installation.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

let server: PostgresServer;
let owner: pg.Client;
beforeAll(async () => {
  server = await startPostgres();
  owner = new pg.Client(server.url);
  await owner.connect();
  // A server that asks for passwords, of all but its owner.
  const { rows } = await owner.query<{ hba_file: string }>('show hba_file');
  await writeFile(
    rows[0]?.hba_file ?? '',
    'host all gateway 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n',
  );
  await owner.query("select pg_reload_conf(); create role graph login password 'former'");
  await owner.query('create database graph owner graph');
});
afterAll(async () => {
  await owner.end();
  await server.stop();
});

function urlFor(user: string, password: string): string {
  return Object.assign(new URL(server.url), { username: user, password, pathname: '/graph' }).href;
}

test('the password of the database is exchanged by a second login of the same role and a restart', async () => {
  await using installation = await startInstallation({ variables: { DATABASE_URL: urlFor('graph', 'former') } });
  await installation.app.importNumbers(installation.sandbox.control.numbersCsv(), 'csv');
  const numbers = () => installation.ask('{ numbers { totalCount } }');

  await owner.query("create role graph_2 login password 'newest' in role graph; alter role graph_2 set role graph");
  expect(await numbers()).toMatchObject({ data: { numbers: { totalCount: 30 } } });
  await installation.restart({ DATABASE_URL: urlFor('graph_2', 'newest') });
  await owner.query('alter role graph nologin password null');
  expect(await numbers()).toMatchObject({ data: { numbers: { totalCount: 30 } } });

  const former = await installation.restart({ DATABASE_URL: urlFor('graph', 'former') }).catch((error: Error) => error);
  expect(former).toMatchObject({ name: 'StorageError' });
  expect(String(former)).not.toContain('former');
  await installation.restart({ DATABASE_URL: urlFor('graph_2', 'newest') });
  expect(await numbers()).toMatchObject({ data: { numbers: { totalCount: 30 } } });
});
