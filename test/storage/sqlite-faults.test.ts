import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStorage, type Storage, type StorageOptions } from '../../src/storage/database.ts';

let folder: string;
const opened: Storage[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-faults-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((storage) => storage.close()));
  rmSync(folder, { recursive: true, force: true });
});

const file = (...path: string[]) => join(folder, ...(path.length > 0 ? path : ['gateway.db']));
const store = ({ db }: Pick<Storage, 'db'>, name: string, value = '') =>
  db.insertInto('settings').values({ name, value }).execute();
const names = async ({ db }: Storage) =>
  (await db.selectFrom('settings').select('name').orderBy('name').execute()).map((row) => row.name);

async function open(path = file(), options: StorageOptions = {}): Promise<Storage> {
  const storage = await openStorage(`sqlite:${path}`, { lockTimeout: 0, ...options });
  opened.push(storage);
  return storage;
}

/** Rights do not bind root. */
async function withoutPrivilege<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return await work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

test.each(['', 'sqlite:', 'mysql://host/db', './data/gateway.db', 'sqlite://data/gateway.db', 'postgres://[bad'])(
  'the address %j is refused as such',
  async (url) => {
    await expect(openStorage(url)).rejects.toMatchObject({ name: 'StorageError', code: 'INVALID_URL' });
  },
);

test('the folder of the file is made', async () => {
  await store(await open(file('not', 'yet', 'there.db')), 'a');
  expect(existsSync(file('not', 'yet', 'there.db'))).toBe(true);
});

test('commits are on the disk before they are answered', async () => {
  const { db } = await open();
  expect((await sql`pragma journal_mode`.execute(db)).rows).toEqual([{ journal_mode: 'wal' }]);
  expect((await sql`pragma synchronous`.execute(db)).rows).toEqual([{ synchronous: 2 }]);
});

test('a file that another gateway owns is refused, and the owner goes on', async () => {
  const owner = await open();
  await expect(open()).rejects.toMatchObject({
    code: 'LOCKED',
    message: expect.stringContaining('importNumbers'),
  });
  await store(owner, 'a');
  expect(await names(owner)).toEqual(['a']);
});

test('a gateway that was killed while it wrote leaves the file free, with all that it had stored', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'owner.ts'), `sqlite:${file()}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      said += chunk;
      if (said.split('\n').length > 50) resolve();
    });
  });
  await expect(open()).rejects.toMatchObject({ code: 'LOCKED' });
  child.kill('SIGKILL');
  await once(child, 'close');
  const complete = said.slice(0, said.lastIndexOf('\n')).split('\n');
  expect(await names(await open())).toEqual(expect.arrayContaining(complete));
});

test('a folder in place of the file is named as not writable', async () => {
  mkdirSync(file());
  await expect(open()).rejects.toMatchObject({ code: 'NOT_WRITABLE', message: expect.stringContaining(file()) });
});

test('a file in place of the folder is named as not writable, and left alone', async () => {
  writeFileSync(file('data'), 'mine');
  await expect(open(file('data', 'gateway.db'))).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  expect(readFileSync(file('data'), 'utf8')).toBe('mine');
});

test.each([
  ['file', 0o444, 0o777],
  ['folder', 0o666, 0o555],
])('without the right to write the %s the database is refused and unharmed', async (_what, fileMode, folderMode) => {
  const before = await open();
  await store(before, 'a');
  await before.close();
  const bytes = readFileSync(file());
  chmodSync(file(), fileMode);
  chmodSync(folder, folderMode);
  const refused = withoutPrivilege(() => open());
  await expect(refused).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  chmodSync(folder, 0o777);
  chmodSync(file(), 0o666);
  expect(readFileSync(file()).equals(bytes)).toBe(true);
  expect(await names(await open())).toEqual(['a']);
});

test('a full disk fails the transaction that does not fit, and nothing else', async () => {
  const storage = await open(file(), { maxPages: 150 });
  await store(storage, 'a');
  const tooMuch = storage.transaction(async (trx) => {
    for (let i = 0; i < 100; i++) await store({ db: trx }, `b${i}`, 'x'.repeat(10_000));
  });
  await expect(tooMuch).rejects.toMatchObject({ name: 'StorageError', code: 'FULL' });
  expect(await names(storage)).toEqual(['a']);
  await store(storage, 'c');
  await storage.close();
  const after = await open();
  expect(await names(after)).toEqual(['a', 'c']);
  expect((await sql`pragma integrity_check`.execute(after.db)).rows).toEqual([{ integrity_check: 'ok' }]);
});

test('a file that is no database is refused and left as it is', async () => {
  writeFileSync(file(), 'my shopping list '.repeat(1_000));
  await expect(open()).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining(file()) });
  expect(readFileSync(file(), 'utf8')).toBe('my shopping list '.repeat(1_000));
});

test('damage inside the file is named when it is met', async () => {
  const before = await open();
  for (let i = 0; i < 200; i++) await store(before, `${i}`, 'x'.repeat(1_000));
  await before.close();
  const bytes = readFileSync(file());
  // Behind the pages that hold the schema, whose own damage the next test would be about.
  bytes.fill(0xaa, bytes.length - 100 * 4_096);
  writeFileSync(file(), bytes);
  const use = async () => names(await open());
  await expect(use()).rejects.toMatchObject({ code: 'DAMAGED' });
});

test('a file of a newer version is left byte for byte as it was', async () => {
  const newer = await open();
  await sql`insert into kysely_migration values ('9999', '2099-01-01T00:00:00.000Z')`.execute(newer.db);
  await newer.close();
  const bytes = readFileSync(file());
  await expect(open()).rejects.toMatchObject({ code: 'NEWER_VERSION' });
  expect(readFileSync(file()).equals(bytes)).toBe(true);
});

test('a new database file is its owner’s alone, with the files beside it', async () => {
  opened.push(await openStorage(`sqlite:${join(folder, 'private.db')}`));

  const files = readdirSync(folder).filter((file) => file.startsWith('private.db'));
  expect(files).toContain('private.db');
  for (const file of files) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
});
