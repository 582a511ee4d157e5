import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, inject } from 'vitest';
import { openStorage, type Storage, type StorageOptions } from '../../src/storage/database.ts';
import { newDatabase, type PostgresServer, startPostgres } from './postgres.ts';

/** An empty database, or the one at `url`; closed after the test. */
export type OpenDatabase = (url?: string, options?: StorageOptions) => Promise<Storage>;

export interface DatabaseKind {
  readonly engine: Storage['engine'];
  /** Whether what is stored outlives the {@link Storage} that stored it. */
  readonly durable: boolean;
  /** The address of a new, empty database. */
  url(): Promise<string>;
}

/** Runs a suite on SQLite in memory, on SQLite in a file and on a real PostgreSQL. */
export function eachDatabase(name: string, suite: (open: OpenDatabase, kind: DatabaseKind) => void): void {
  describe(`${name} (SQLite in memory)`, () => runOn(suite, memory));
  describe(`${name} (SQLite file)`, () => runOn(suite, inFiles()));
  onPostgres(`${name} (PostgreSQL)`, suite);
}

/** Runs what only PostgreSQL can show. */
export function onPostgres(name: string, suite: (open: OpenDatabase, kind: DatabaseKind) => void): void {
  describe(name, () => runOn(suite, onServer()));
}

function runOn(suite: (open: OpenDatabase, kind: DatabaseKind) => void, kind: DatabaseKind): void {
  const opened: Storage[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((storage) => storage.close()));
  });
  suite(async (url, options) => {
    const storage = await openStorage(url ?? (await kind.url()), options);
    opened.push(storage);
    return storage;
  }, kind);
}

const memory: DatabaseKind = { engine: 'sqlite', durable: false, url: async () => 'sqlite::memory:' };

function inFiles(): DatabaseKind {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-sqlite-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return { engine: 'sqlite', durable: true, url: async () => `sqlite:${join(folder, randomUUID())}.db` };
}

function onServer(): DatabaseKind {
  let own: Promise<PostgresServer> | undefined;
  afterAll(async () => (await own)?.stop());
  const server = async () => {
    const shared = inject('postgresUrl');
    if (shared !== undefined) return shared;
    own ??= startPostgres();
    return (await own).url;
  };
  return {
    engine: 'postgres',
    durable: true,
    url: async () => newDatabase(await server()),
  };
}
