import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Dialect, SqliteAdapter, type SqliteDatabase, SqliteDialect } from 'kysely';
import { explainSqliteError } from './sqlite-errors.ts';
import { keepStatements } from './sqlite-statements.ts';
import { StorageError } from './storage-error.ts';
import type { Observer } from './touch.ts';

export interface SqliteOptions {
  /** How long to wait at the start for a gateway that is just closing the file, in ms. It blocks the process. Default 2,000. */
  readonly lockTimeout?: number;
  /** The file may not grow beyond so many pages of 4 KiB. Default: no limit. */
  readonly maxPages?: number;
  /** Is told what every statement touches. Default: nobody. */
  readonly observe?: Observer;
}

/** Kysely holds migrations on SQLite outside a transaction for the sake of foreign keys; there are none here, and half a migration is worse. */
class OneTransactionAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class OneTransactionDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new OneTransactionAdapter();
  }
}

/** @param path `:memory:` or a file; its folder is created. @throws StorageError */
export function sqliteDialect(path: string, options: SqliteOptions = {}): Dialect {
  return new OneTransactionDialect({
    database: path === ':memory:' ? openMemory(options) : openFile(resolve(path), options),
  });
}

function openMemory({ observe }: SqliteOptions): SqliteDatabase {
  const database = new DatabaseSync(':memory:');
  defineFoldCase(database);
  return keepStatements(database, (error) => error, observe);
}

function openFile(file: string, { lockTimeout = 2_000, maxPages, observe }: SqliteOptions): SqliteDatabase {
  makeFolder(file);
  let database: DatabaseSync | undefined;
  try {
    makePrivate(file);
    database = new DatabaseSync(file, { timeout: lockTimeout });
    takeOwnership(database);
    defineFoldCase(database);
    if (maxPages !== undefined) database.exec(`pragma max_page_count = ${maxPages}`);
    return keepStatements(database, (error) => explainSqliteError(error, file), observe);
  } catch (error) {
    database?.close();
    throw explainSqliteError(error, file);
  }
}

/**
 * One process owns the file: its lock is the operating system's, so it ends with the process however that ends.
 * The empty write transaction takes the lock now, and fails now where the file is read-only.
 */
function takeOwnership(database: DatabaseSync): void {
  database.exec('pragma locking_mode = exclusive');
  database.exec('begin immediate; rollback');
  database.exec('pragma journal_mode = wal; pragma synchronous = full');
}

/** SQLite's own `lower` knows ASCII alone. */
function defineFoldCase(database: DatabaseSync): void {
  const fold = (text: unknown) => (typeof text === 'string' ? text.toLowerCase() : null);
  database.function('fold_case', { deterministic: true }, fold);
}

/** A new file is its owner's alone, and so are those that SQLite puts beside it: texts stand in it, and the installation's secret. */
function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch {
    // It is there already, with the rights that its owner chose; or it cannot be made, and SQLite says why.
  }
}

function makeFolder(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new StorageError('NOT_WRITABLE', `The folder of the database ${file} cannot be made: ${reason(error)}.`, {
      cause: error,
    });
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
