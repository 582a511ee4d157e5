import type { SqliteStatement } from 'kysely';
import type { ObservedConnection } from './connection.ts';
import { planOf } from './plan.ts';

/** The statement, telling what it touches whenever it runs. */
export function observedStatement(
  connection: ObservedConnection,
  sql: string,
  statement: SqliteStatement,
): SqliteStatement {
  const plan = planOf(sql);
  const observed = <T>(parameters: readonly unknown[], work: () => T, changed: (result: T) => boolean): T => {
    connection.sending(plan, parameters);
    let result: T;
    try {
      result = work();
    } catch (error) {
      connection.failed(plan, parameters);
      throw error;
    }
    connection.ran(plan, parameters, changed(result));
    return result;
  };
  return {
    reader: statement.reader,
    // A write that gives rows gives those that it changed.
    all: (parameters) =>
      observed(
        parameters,
        () => statement.all(parameters),
        (rows) => rows.length > 0,
      ),
    run: (parameters) =>
      observed(
        parameters,
        () => statement.run(parameters),
        ({ changes }) => Number(changes) > 0,
      ),
    iterate: (parameters) =>
      observed(
        parameters,
        () => statement.iterate(parameters),
        () => true,
      ),
  };
}
