import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../../src/schema.ts';
import { readPersistedFile } from '../../../src/server/persisted/file.ts';
import { hashOf, manifestOf } from '../../../src/server/persisted/manifest.ts';

const run = promisify(execFile);
const files = [
  { path: 'b.graphql', text: 'query Trunks { trunks { nodes { ...TrunkPart } } }\nquery Alone { viewer { role } }' },
  { path: 'a.graphql', text: 'fragment TrunkPart on Trunk { name client { ...ClientPart } }' },
  { path: 'c.graphql', text: '\n\nfragment ClientPart on Client { name }' },
];

test('each operation has the fragments that it needs, whichever file has them, and runs by itself', () => {
  const { documents, faults } = manifestOf(files, schema);

  expect(faults).toEqual([]);
  expect(documents.map(({ name }) => name)).toEqual(['Alone', 'Trunks']);
  for (const { id, document } of documents) {
    expect(id).toBe(hashOf(document));
    expect(validate(schema, parse(document))).toEqual([]);
  }
  expect(documents[1]?.document.match(/fragment \w+/g)).toEqual(['fragment TrunkPart', 'fragment ClientPart']);
});

test('is the same whatever the order of the files and however they are written', () => {
  const again = [...files].reverse().map(({ path, text }) => ({ path, text: text.replaceAll(' ', '  ') }));

  expect(manifestOf(again, schema).documents).toEqual(manifestOf(files, schema).documents);
});

test('every fault is told with its file and line, and then there is nothing', () => {
  const faulty = [
    ...files,
    { path: 'd.graphql', text: 'query Trunks { viewer { role } }\nquery Bad {\n  nothing\n}' },
    { path: 'e.graphql', text: '{ broken' },
    {
      path: 'f.graphql',
      text: 'fragment ClientPart on Client { id }\nquery Lost { clients { nodes { ...Nowhere } } }',
    },
  ];
  const { documents, faults } = manifestOf(faulty, schema);

  expect(documents).toEqual([]);
  expect(faults).toEqual([
    'e.graphql: Syntax Error: Expected Name, found <EOF>.',
    'f.graphql:1: There is another fragment "ClientPart".',
    'd.graphql:1: There is another operation "Trunks".',
    'd.graphql:3: Cannot query field "nothing" on type "Query".',
    'f.graphql:2: Unknown fragment "Nowhere".',
  ]);
});

test('the command writes the file that the gateway reads, and the ids for the frontend', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'persist-'));
  try {
    for (const { path, text } of files) await writeFile(join(folder, path), text);
    const command = ['--disable-warning=ExperimentalWarning', 'tools/persist.ts'];
    const { stdout, stderr } = await run(process.execPath, [...command, `${folder}/*.graphql`]);
    const written = join(folder, 'operations.json');
    await writeFile(written, stdout);
    const { documents } = manifestOf(files, schema);

    expect([...(await readPersistedFile(written, schema))]).toEqual(
      documents.map(({ id, document }) => [id, document]),
    );
    expect(stderr).toBe(documents.map(({ id, name }) => `${id} ${name}\n`).join(''));

    await writeFile(join(folder, 'bad.graphql'), '{ nothing }');
    const failed = await run(process.execPath, [...command, `${folder}/*.graphql`]).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('bad.graphql:1: Cannot query field'),
    });
    await expect(run(process.execPath, [...command, `${folder}/*.none`])).rejects.toMatchObject({
      stdout: '',
      stderr: 'There are no operations in these files.\n',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
