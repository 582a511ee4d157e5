import { rm } from 'node:fs/promises';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { openStorage } from '../../src/storage/database.ts';

/** What the storage engine does where nothing stands before it. */
export interface Bare {
  readonly perSecond: number;
  /** Milliseconds of processor time a webhook. */
  readonly processor: number;
}

type Row = Readonly<Record<string, SQLOutputValue>>;
type Write = readonly [table: string, row: Row];

/** What of a row that is there already is written again. */
const changing: Readonly<Record<string, readonly string[]>> = {
  trunks: ['raw_status', 'status', 'status_since'],
  numbers: ['status', 'status_since'],
};

/** The rows that each webhook left in a gateway's file: the event, and the trunk, number or text that it is about. */
export function rowsLeft(file: string): Write[][] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const all = (table: string) => database.prepare(`select * from ${table}`).all();
    const by = (table: string, key: string) => new Map(all(table).map((row) => [row[key], row]));
    const subjects = [
      ['messages', 'message_id', by('messages', 'message_id')],
      ['numbers', 'e164', by('numbers', 'e164')],
      ['trunks', 'trunk_key', by('trunks', 'trunk_key')],
    ] as const;
    return all('events').map((event) => {
      const subject = subjects.flatMap(([table, key, rows]): Write[] => {
        const row = rows.get(event[key]);
        return row === undefined ? [] : [[table, row]];
      });
      return [['events', event], ...subject.slice(0, 1)];
    });
  } finally {
    database.close();
  }
}

/**
 * Commits those rows again, into new tables with the gateway's indexes, through node:sqlite alone and as durably as the gateway:
 * nothing is received, verified, parsed or read.
 */
export async function commitBare(file: string, webhooks: readonly (readonly Write[])[], group: number): Promise<Bare> {
  await (await openStorage(`sqlite:${file}`)).close();
  const database = new DatabaseSync(file);
  try {
    database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full');
    const write = writerOf(database);
    const used = process.cpuUsage();
    const startedAt = performance.now();
    for (let start = 0; start < webhooks.length; start += group) {
      database.exec('begin');
      for (const rows of webhooks.slice(start, start + group)) for (const [table, row] of rows) write(table, row);
      database.exec('commit');
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(used);
    return { perSecond: webhooks.length / seconds, processor: (user + system) / 1000 / webhooks.length };
  } finally {
    database.close();
    for (const end of ['', '-wal', '-shm']) await rm(`${file}${end}`, { force: true });
  }
}

function writerOf(database: DatabaseSync): (table: string, row: Row) => void {
  const statements = new Map<string, (row: Row) => void>();
  const prepare = (table: string, row: Row) => {
    const columns = Object.keys(row);
    const changes = (changing[table] ?? []).map((column) => `${column} = excluded.${column}`);
    const statement = database.prepare(
      `insert into ${table} (${columns}) values (${columns.map(() => '?')})
        on conflict do ${changes.length === 0 ? 'nothing' : `update set ${changes}`}`,
    );
    const run = (values: Row) => void statement.run(...Object.values(values));
    statements.set(table, run);
    return run;
  };
  return (table, row) => (statements.get(table) ?? prepare(table, row))(row);
}
