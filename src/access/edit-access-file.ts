import { type FileHandle, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { type AccessEntry, readEntries } from './access-entries.ts';
import { AccessFileError } from './errors.ts';

type Change = (entries: readonly AccessEntry[]) => readonly AccessEntry[];

/** The entries of an access file; none where there is no file. @throws AccessFileError */
export async function readAccessFile(path: string): Promise<readonly AccessEntry[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '[]';
    throw new AccessFileError(path, [`it cannot be read (${codeOf(error)})`]);
  });
  const { entries, faults } = readEntries(text, null);
  if (entries === null) throw new AccessFileError(path, faults);
  return entries;
}

/**
 * Puts a changed access file in the place of the one that is there, so that whoever reads it finds one of the two and never half of
 * it. What `change` throws leaves all as it was.
 * @throws AccessFileError
 */
export async function editAccessFile(path: string, change: Change): Promise<void> {
  // Behind a link the file itself is exchanged, not the link.
  const target = await realpath(path).catch(() => path);
  const beside = `${target}.new`;
  const file = await openNew(path, beside);
  try {
    const entries = change(await readAccessFile(target));
    await file.writeFile(`${JSON.stringify(entries, null, 2)}\n`);
    await keepOwner(path, target, file);
    await file.sync();
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Also the lock: of two commands at a time, one would otherwise undo what the other did. */
async function openNew(path: string, beside: string): Promise<FileHandle> {
  try {
    return await open(beside, 'wx', 0o600);
  } catch (error) {
    const inUse = `another command is at work on it; where none is, one was cut off: remove ${beside}`;
    throw new AccessFileError(path, [
      codeOf(error) === 'EEXIST' ? inUse : `nothing can be written beside it (${codeOf(error)})`,
    ]);
  }
}

/** The gateway may run as another user than whoever changes the file: it goes on being able to read it, and nobody else begins to. */
async function keepOwner(path: string, target: string, file: FileHandle): Promise<void> {
  const before = await stat(target).catch(() => null);
  if (before === null) return;
  const { uid, gid } = await file.stat();
  if (uid !== before.uid || gid !== before.gid) {
    await file.chown(before.uid, before.gid).catch(() => {
      throw new AccessFileError(path, ['it belongs to another user: run this as that user']);
    });
  }
  await file.chmod((before.mode & 0o040) | 0o600);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
