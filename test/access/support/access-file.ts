import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashToken } from '../../../src/access/tokens.ts';

/** An access file in a folder of its own. */
export interface TestAccessFile extends AsyncDisposable {
  readonly folder: string;
  readonly path: string;
  text(): Promise<string>;
  /** Puts another file in its place, as editors do. */
  replace(content: unknown): Promise<void>;
  /** Writes into the file itself. */
  overwrite(content: unknown): Promise<void>;
}

const textOf = (content: unknown) => (typeof content === 'string' ? content : JSON.stringify(content));

export async function createTestAccessFile(content: unknown): Promise<TestAccessFile> {
  const folder = await mkdtemp(join(tmpdir(), 'access-'));
  const path = join(folder, 'access.json');
  const overwrite = (next: unknown) => writeFile(path, textOf(next), { mode: 0o600 });
  await overwrite(content);
  return {
    folder,
    path,
    text: () => readFile(path, 'utf8'),
    overwrite,
    async replace(next) {
      await writeFile(`${path}~`, textOf(next), { mode: 0o600 });
      await rename(`${path}~`, path);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** An entry for a token. */
export function entryFor(token: string, entry: object): object {
  return { ...entry, tokenSha256: hashToken(token).toString('hex') };
}
