import { type Dialect, Kysely, type LogEvent, sql, type Transaction } from 'kysely';
import { runAfterCommit } from './after-commit.ts';
import type { Engine } from './engine.ts';
import { createKnownRows, type KnownRows, noKnownRows } from './known-rows.ts';
import { migrate } from './migrate.ts';
import type { PostgresOptions } from './postgres.ts';
import { type SqliteOptions, sqliteDialect } from './sqlite.ts';
import { describeLargeAccount } from './sqlite-statistics.ts';
import { StorageError } from './storage-error.ts';
import type { Tables } from './tables.ts';
import type { Observer } from './touch.ts';
import { createTransactionGuard } from './transaction-guard.ts';

/** The gateway's database, open and of this version. */
export interface Storage {
  readonly engine: Engine;
  /** For reads and for writes of one statement. Not inside {@link Storage.transaction}: there it throws. */
  readonly db: Kysely<Tables>;
  /** All or nothing. Transactions take turns on both engines, so what is read inside one stays true until its end. */
  transaction<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T>;
  /** Statements run so far, without those that begin and end transactions. */
  queries(): number;
  /** Who is told of every statement. Whatever is kept in memory in place of rows tells it by itself. */
  readonly observer: Observer;
  /** Rows that need not be read again. */
  readonly known: KnownRows;
  /** @throws StorageError */
  ping(): Promise<void>;
  /** Waits for what runs. Nothing can be queried afterwards. */
  close(): Promise<void>;
}

export interface StorageOptions extends SqliteOptions, PostgresOptions {}

/** Any number that no other application on the same server is likely to lock. */
const takeTurn = sql`select pg_advisory_xact_lock(3424676001)`;
const framing = /^(begin|start transaction.*|commit|rollback|select pg_advisory_xact_lock.*)$/;

/**
 * Opens `sqlite:PATH`, `sqlite::memory:` or `postgres://…`, and brings its tables up to this version.
 * @throws StorageError
 */
export async function openStorage(url: string, options: StorageOptions = {}): Promise<Storage> {
  const { observer, known } = observed(url, options.observe ?? nobody);
  const { engine, dialect } = await connect(url, { ...options, observe: observer });
  const guard = createTransactionGuard();
  let statements = 0;
  const count = ({ query }: LogEvent) => {
    if (!framing.test(query.sql)) statements += 1;
  };
  const all = new Kysely<Tables>({ dialect, log: count });
  try {
    await migrate(all, engine);
    if (engine === 'sqlite') await all.transaction().execute(describeLargeAccount);
  } catch (error) {
    await all.destroy();
    throw error;
  }
  statements = 0;
  // Whatever the server's default is: who waited for a turn must see what the one before did.
  const begin = () =>
    engine === 'postgres' ? all.transaction().setIsolationLevel('read committed') : all.transaction();

  return {
    engine,
    db: all.withPlugin(guard.plugin),
    async transaction(work) {
      let worked = null as Transaction<Tables> | null;
      try {
        return await guard.run(() =>
          begin().execute(async (trx) => {
            if (engine === 'postgres') await takeTurn.execute(trx);
            const result = await work(trx);
            worked = trx;
            return result;
          }),
        );
      } finally {
        // Also where the commit fails: it may be its answer alone that is lost.
        if (worked !== null) runAfterCommit(worked);
      }
    },
    queries: () => statements,
    observer,
    known,
    async ping() {
      await sql`select 1`.execute(all);
    },
    close: () => all.destroy(),
  };
}

const nobody: Observer = { read: () => undefined, written: () => undefined };

/** A file has one owner, who is told of all that is written to it; a server's database may be written by others. */
function observed(url: string, observer: Observer): Pick<Storage, 'observer' | 'known'> {
  if (!url.startsWith('sqlite:')) return { observer, known: noKnownRows };
  const known = createKnownRows(observer);
  const written: Observer['written'] = (touch) => {
    known.written(touch);
    observer.written(touch);
  };
  return { observer: { read: observer.read, written }, known };
}

async function connect(url: string, options: StorageOptions): Promise<{ engine: Engine; dialect: Dialect }> {
  const path = /^sqlite:(?!\/\/[^/])(.+)$/.exec(url)?.[1];
  if (path !== undefined) return { engine: 'sqlite', dialect: sqliteDialect(path, options) };
  if (/^postgres(ql)?:\/\//.test(url)) {
    // The driver is loaded only where it is used.
    const { postgresDialect } = await import('./postgres.ts');
    return { engine: 'postgres', dialect: postgresDialect(url, options) };
  }
  throw new StorageError(
    'INVALID_URL',
    'DATABASE_URL must be sqlite:PATH, sqlite::memory: or postgres://USER:PASSWORD@HOST:PORT/DATABASE.',
  );
}
