import { type Dialect, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { explainPostgresError } from './postgres-errors.ts';
import { StorageError } from './storage-error.ts';
import type { Observer } from './touch.ts';
import { createQueryObserver, type Send } from './touches/postgres-query.ts';

export interface PostgresOptions {
  /** How long a query may wait for a connection, in ms. Default 5,000. */
  readonly connectTimeout?: number;
  /** Connections at once. Default 10. */
  readonly connections?: number;
  /** Is told what every statement touches. Default: nobody. */
  readonly observe?: Observer;
}

/** Connections are made when they are needed, and a broken one is replaced by the next query. @throws StorageError */
export function postgresDialect(url: string, options: PostgresOptions = {}): Dialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 10,
    connectionTimeoutMillis: options.connectTimeout ?? 5_000,
    keepAlive: true,
    application_name: 'didfarm-graphql-gateway',
    types: { getTypeParser: exactIntegers },
  });
  // The pool has already dropped the idle connection that broke; without a listener it would end the process.
  pool.on('error', () => undefined);
  return new PostgresDialect({ pool: explained(pool, serverOf(url), options.observe) });
}

/** Whether it can be read at all is seen here; what pg makes of the rest of it is pg's own. Never shows the password. */
function serverOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host || 'localhost'}${pathname}`;
  } catch (error) {
    throw new StorageError('INVALID_URL', 'DATABASE_URL is no valid postgres://USER:PASSWORD@HOST:PORT/DATABASE.', {
      cause: error,
    });
  }
}

const { INT8 } = pg.types.builtins;

const exactIntegers: typeof pg.types.getTypeParser = (type: number, format?: 'text' | 'binary') =>
  type === INT8 ? exactInteger : pg.types.getTypeParser(type, format);

function exactInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`Too large for an exact number: ${text}. Cast it to text.`);
  return value;
}

function explained(pool: pg.Pool, server: string, observer: Observer | undefined): PostgresPool {
  const observed = observer === undefined ? () => (send: Send) => send : createQueryObserver(observer);
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw explainPostgresError(error, server);
    }
  };
  const explainedClient = (client: pg.PoolClient): PostgresPoolClient => {
    // A checked-out connection that breaks between two queries reports it here first, and by the next query again.
    const ignore = () => undefined;
    client.on('error', ignore);
    const query = observed()((text, parameters) => client.query(text, parameters));
    return {
      query: ((text: string, parameters: unknown[]) =>
        attempt(() => query(text, parameters))) as unknown as PostgresPoolClient['query'],
      release(destroy) {
        client.off('error', ignore);
        client.release(destroy);
      },
    };
  };
  return {
    options: pool.options,
    connect: () => attempt(async () => explainedClient(await pool.connect())),
    end: () => pool.end(),
  };
}
