import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { type AccessEntry, readEntries } from './access-entries.ts';
import { type AccessLog, bearerOf, type Identify } from './credentials.ts';
import { AccessFileError } from './errors.ts';
import { followFile, type Watch, watchFolder } from './follow-file.ts';
import { viewerOf } from './grant.ts';
import { findByHash, hashToken } from './tokens.ts';
import type { AccountId, Viewer } from './viewer.ts';

export interface AccessFileOptions {
  readonly path: string;
  /** Those that an entry may name. */
  readonly accounts: readonly AccountId[];
  readonly clock: Clock;
  readonly log: AccessLog;
  readonly watch?: Watch | undefined;
  /** Another file is in force. */
  readonly changed?: (() => void) | undefined;
}

/** The tokens of ACCESS_FILE as they are in force. */
export interface AccessFile {
  readonly identify: Identify;
  close(): void;
}

interface Holder {
  readonly hash: Buffer;
  readonly viewer: Viewer;
  /** Everything that the entry says: an identity found by it holds as long as there is an entry that says the same. */
  readonly says: string;
}

type Loaded =
  | { readonly entries: readonly AccessEntry[]; readonly readableByAll: boolean }
  | { readonly entries: null; readonly faults: readonly string[] };

const mostBytes = 1_048_576;

/**
 * Follows the access file: a changed file is in force at once, a faulty one leaves the one before in force and is logged once.
 * @throws AccessFileError where it cannot be used at the start.
 */
export async function openAccessFile(options: AccessFileOptions): Promise<AccessFile> {
  const { path, accounts, clock, log, watch = watchFolder, changed } = options;
  let holders: readonly Holder[] | null = null;
  let inForce: ReadonlySet<string> = new Set();

  const read = async () => {
    const file = await load(path, accounts);
    const isFirst = holders === null;
    if (file.entries === null) {
      if (isFirst) throw new AccessFileError(path, file.faults);
      log.warn({ path, faults: file.faults }, 'The access file cannot be used: the one before it stays in force');
      return;
    }
    holders = file.entries.map((entry) => holderOf(entry, accounts));
    inForce = new Set(holders.map(({ says }) => says));
    if (!isFirst) {
      log.info({ path, entries: holders.length }, 'The access file has changed, and is in force');
      changed?.();
    }
    if (holders.length === 0) log.warn({ path }, 'The access file has no entries: nobody comes in by a token');
    if (file.readableByAll) log.warn({ path }, 'Every user of this machine may read the access file: chmod 600 it');
  };
  const close = await followFile({ path, clock, watch, read });

  return {
    async identify(credentials) {
      const token = bearerOf(credentials);
      const holder = token === null ? null : findByHash(holders ?? [], hashToken(token));
      if (holder === null) return null;
      const { viewer, says } = holder;
      return { identity: { viewer, expiresAt: null, caller: null }, holds: () => inForce.has(says) };
    },
    close,
  };
}

function holderOf(entry: AccessEntry, accounts: readonly AccountId[]): Holder {
  const viewer = viewerOf(entry.name, entry, accounts);
  return {
    hash: Buffer.from(entry.tokenSha256, 'hex'),
    viewer,
    says: JSON.stringify([entry.tokenSha256, ...Object.values(viewer)]),
  };
}

async function load(path: string, accounts: readonly AccountId[]): Promise<Loaded> {
  try {
    const file = await stat(path);
    // Reading a pipe or a device might never end.
    if (!file.isFile()) return unusable(file.isDirectory() ? 'it is a directory' : 'it is no file');
    if (file.size > mostBytes) return unusable('it is larger than 1 MiB');
    const read = readEntries(await readFile(path, 'utf8'), accounts);
    return read.faults === null ? { entries: read.entries, readableByAll: (file.mode & 0o004) !== 0 } : read;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return unusable(code === 'ENOENT' ? 'it is not there' : `it cannot be read (${code})`);
  }
}

function unusable(fault: string): Loaded {
  return { entries: null, faults: [fault] };
}
