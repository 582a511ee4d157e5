import { StorageError, type StorageErrorCode } from './storage-error.ts';

type Explain = (file: string) => string;

/** https://www.sqlite.org/rescode.html: extended codes where they say more than their primary one. */
const reasons = new Map<number, [StorageErrorCode, Explain]>();
const locked: Explain = (file) =>
  `The database ${file} is in use by another gateway. Stop that one, or point DATABASE_URL elsewhere; to import numbers while the gateway runs, use its importNumbers mutation.`;
const notWritable: Explain = (file) =>
  `The database ${file} cannot be opened for writing. Check that it is a file, and that this user may write it and its folder.`;
const damaged: Explain = (file) =>
  `The database ${file} is damaged or is no SQLite database. Move it away, or restore it from a copy; it was not changed.`;
const full: Explain = (file) => `There is no room left to write the database ${file}. Free some disk space.`;
const disk: Explain = (file) =>
  `The disk failed while the database ${file} was used. Check the disk and its file system.`;

for (const code of [5, 6]) reasons.set(code, ['LOCKED', locked]);
// 3850 (SQLITE_IOERR_LOCK): a read-only file cannot be locked for writing, nor can a file on some network file systems.
for (const code of [3, 8, 14, 23, 3850]) reasons.set(code, ['NOT_WRITABLE', notWritable]);
for (const code of [11, 26]) reasons.set(code, ['DAMAGED', damaged]);
reasons.set(13, ['FULL', full]);
reasons.set(10, ['DISK', disk]);

/** A {@link StorageError} where SQLite names a fault of the file; anything else (a constraint, bad SQL) as it came. */
export function explainSqliteError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return error;
  const known = reasons.get(error.errcode) ?? reasons.get(error.errcode & 0xff);
  return known ? new StorageError(known[0], known[1](file), { cause: error }) : error;
}
