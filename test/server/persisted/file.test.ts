import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema } from '../../../src/schema.ts';
import { readPersistedFile } from '../../../src/server/persisted/file.ts';
import { hashOf } from '../../../src/server/persisted/manifest.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'persisted-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string) {
  const path = join(folder, 'operations.json');
  await writeFile(path, text);
  return readPersistedFile(path, schema);
}

const viewer = '{ viewer { role } }';

test('documents are read by their ids', async () => {
  const documents = await read(JSON.stringify({ [hashOf(viewer)]: viewer, 'by-hand': viewer }));

  expect([...documents]).toEqual([
    [hashOf(viewer), viewer],
    ['by-hand', viewer],
  ]);
});

test('every fault of every document is told at once', async () => {
  const faulty = {
    one: '{ nothing { at } all }',
    two: '{ viewer',
    [hashOf('x')]: viewer,
    good: viewer,
    empty: 'fragment A on Query { viewer { role } }',
  };
  const error = await read(JSON.stringify(faulty)).catch((failure: Error) => failure);

  expect(error).toMatchObject({ name: 'PersistedFileError' });
  const lines = String((error as Error).message).split('\n');
  expect(lines.slice(1).map((line) => line.trim())).toEqual([
    'one: Cannot query field "nothing" on type "Query".',
    'one: Cannot query field "all" on type "Query".',
    'two: Syntax Error: Expected Name, found <EOF>.',
    `${hashOf('x')}: It is not the SHA-256 of its document.`,
    'empty: Fragment "A" is never used.',
  ]);
});

test.each([
  ['broken JSON', '{"a": '],
  ['no object', '["{ viewer { role } }"]'],
  ['an object of something else', '{"a": {"query": "{ viewer { role } }"}}'],
  ['nothing', ''],
])('%s is refused', async (_, text) => {
  await expect(read(text)).rejects.toThrow('It is no JSON object of documents by their ids');
});

test('a file that is missing, or a folder, is refused', async () => {
  await expect(readPersistedFile(join(folder, 'missing.json'), schema)).rejects.toThrow('There is no such file.');
  await mkdir(join(folder, 'folder.json'), { recursive: true });
  await expect(readPersistedFile(join(folder, 'folder.json'), schema)).rejects.toThrow('It cannot be read (EISDIR).');
});
