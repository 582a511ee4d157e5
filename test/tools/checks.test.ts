import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { differing } from '../../tools/checks/generated-files.ts';
import { readImports } from '../../tools/checks/import-direction.ts';
import { startProcess } from '../support/process.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checks-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('an import that runs back is found, and its modules were really read', async () => {
  expect(await readImports('test/planted')).toEqual({
    modules: 2,
    violations: [
      'test/planted/src/storage/backwards.ts → test/planted/src/server/above.ts: storage/ imports only what is below it',
    ],
  });
});

test.each([
  ['a tool', 'src/wallet/rules.ts', "import 'vitest';", 'the product runs without the tools'],
  [
    'a subject above',
    'src/trunks/rules.ts',
    "import type { A } from '../wallet/a.ts';",
    'trunks/ imports only what is below it',
  ],
  ['the command', 'src/app.ts', "import '../src/main.ts';", 'no circles'],
  ['a folder of its own', 'src/helpers/a.ts', "import '../wallet/a.ts';", 'every folder has its place'],
])('an import that the rules forbid is found: %s', async (_, file, text, rule) => {
  // Beside this file, so that the project's packages are found from there.
  const planted = await mkdtemp('test/tools/planted-');
  try {
    const files = { 'src/wallet/a.ts': 'export type A = 1;', 'src/main.ts': "import './app.ts';", [file]: text };
    for (const [path, content] of Object.entries(files)) {
      await mkdir(join(planted, path, '..'), { recursive: true });
      await writeFile(join(planted, path), content);
    }
    const { violations } = await readImports(planted);
    expect(
      violations.some((violation) => violation.endsWith(rule)),
      violations.join('\n'),
    ).toBe(true);
  } finally {
    await rm(planted, { recursive: true });
  }
});

test('files that differ, are missing or are too many are found, whichever folder they are in', async () => {
  for (const [path, text] of [
    ['a/same', '1'],
    ['b/same', '1'],
    ['a/deep/changed', '1'],
    ['b/deep/changed', '2'],
    ['a/gone', '1'],
    ['b/new', '1'],
  ] as const) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const inA = (name: string) => join(folder, 'a', name);

  expect(await differing(join(folder, 'a'), join(folder, 'b'))).toEqual([inA('deep/changed'), inA('gone'), inA('new')]);
});

test('an older Node is told what to do', async () => {
  const old = join(folder, 'require-node.mjs');
  await writeFile(
    old,
    "Object.defineProperty(process, 'versions', { value: { node: '20.19.0' } });\nawait import(process.argv[2]);",
  );
  const asked = startProcess(process.execPath, [old, join(process.cwd(), 'tools/require-node.mjs')]);

  expect(await asked.exited).toBe(1);
  expect(asked.output.stderr).toMatch(/runs on Node 24 or newer; this is Node 20\.19\.0/);
});
