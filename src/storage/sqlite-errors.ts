import { StorageError, type StorageErrorCode } from './storage-error.ts';

type Explain = (file: string) => string;

/** https://www.sqlite.org/rescode.html, primary codes. */
const primary = new Map<number, [StorageErrorCode, Explain]>();
const locked: Explain = (file) =>
  `The database ${file} is in use by another gateway. Stop that one, or point DATABASE_URL elsewhere; to import numbers while the gateway runs, use its importNumbers mutation.`;
const notWritable: Explain = (file) =>
  `The database ${file} cannot be opened for writing. Check that it is a file, and that this user may write it and its folder.`;
const damaged: Explain = (file) =>
  `The database ${file} is damaged or is no SQLite database. Move it away, or restore it from a copy; it was not changed.`;
const full: Explain = (file) => `There is no room left to write the database ${file}. Free some disk space.`;
const disk: Explain = (file) =>
  `The disk failed while the database ${file} was used. Check the disk and its file system.`;

for (const code of [5, 6]) primary.set(code, ['LOCKED', locked]);
for (const code of [3, 8, 14, 23]) primary.set(code, ['NOT_WRITABLE', notWritable]);
for (const code of [11, 26]) primary.set(code, ['DAMAGED', damaged]);
primary.set(13, ['FULL', full]);
primary.set(10, ['DISK', disk]);

/** A {@link StorageError} where SQLite names a fault of the file; anything else (a constraint, bad SQL) as it came. */
export function explainSqliteError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return error;
  const known = primary.get(error.errcode & 0xff);
  return known ? new StorageError(known[0], known[1](file), { cause: error }) : error;
}
