import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Observer } from './touch.ts';
import { observeConnection } from './touches/connection.ts';
import { observedStatement } from './touches/sqlite-statement.ts';

/** The queries of the gateway are fewer; what varies is the number of rows in an insert and of keys in a batch. */
const statementsKept = 500;

/**
 * node:sqlite as Kysely's SQLite dialect takes it. Statements are kept, since preparing one costs more than running it.
 * An integer that a JavaScript number cannot hold exactly throws a RangeError: sums are cast to text where they may be that large.
 */
export function keepStatements(
  database: DatabaseSync,
  explain: (error: unknown) => unknown,
  observer: Observer | undefined,
): SqliteDatabase {
  const connection = observer && observeConnection(observer);
  const observed = (sql: string, statement: SqliteStatement) =>
    connection ? observedStatement(connection, sql, statement) : statement;
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw explain(error);
    }
  };
  const adapt = (statement: StatementSync): SqliteStatement => {
    const toRow = rowsOf(statement);
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => attempt(() => statement.all(...(parameters as SQLInputValue[])).map(toRow)),
      run: (parameters) => attempt(() => statement.run(...(parameters as SQLInputValue[]))),
      iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])).map(toRow),
    };
  };
  // A full disk makes SQLite roll back by itself; a second rollback would hide why.
  const alreadyRolledBack = observed('rollback', {
    reader: false,
    all: () => [],
    run: () => ({ changes: 0, lastInsertRowid: 0 }),
    iterate: () => [].values(),
  });
  const kept = new LRUCache<string, SqliteStatement>({ max: statementsKept });

  return {
    close: () => database.close(),
    prepare(sql) {
      if (sql === 'rollback' && !database.isTransaction) return alreadyRolledBack;
      let statement = kept.get(sql);
      if (!statement) {
        statement = observed(sql, adapt(attempt(() => database.prepare(sql))));
        kept.set(sql, statement);
      }
      return statement;
    },
  };
}

/**
 * Rows of one shape each, made of bare values: node:sqlite's own are dictionaries, and to make and read them takes five times as long.
 */
function rowsOf(statement: StatementSync): (values: unknown) => object {
  statement.setReturnArrays(true);
  let names: readonly string[] = [];
  class Row {
    constructor(values: readonly unknown[]) {
      const row = this as Record<string, unknown>;
      for (let column = 0; column < names.length; column++) row[names[column] ?? ''] = values[column];
    }
  }
  return (values) => {
    const row = values as readonly unknown[];
    // Where a table has got a column since, the statement has one more.
    if (row.length !== names.length) names = statement.columns().map(({ name }) => name);
    return new Row(row);
  };
}
