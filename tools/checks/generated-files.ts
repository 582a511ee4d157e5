import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { runProgram } from './program.ts';

/** What `npm run generate` writes, and what it reads besides the sources themselves. */
const generated = ['schema', 'test/generated'];
const sources = ['codegen.ts', 'package.json', 'schema', 'test/documents', 'src/server/examples'];

/** The committed SDL and typed documents are what would be generated now. Done in a folder aside: nothing is overwritten. */
export async function checkGeneratedFiles(): Promise<string> {
  const aside = await mkdtemp(join(tmpdir(), 'generated-'));
  try {
    for (const path of sources) {
      await mkdir(dirname(join(aside, path)), { recursive: true });
      await cp(path, join(aside, path), { recursive: true });
    }
    await symlink(resolve('node_modules'), join(aside, 'node_modules'));
    await generate('node', ['--disable-warning=ExperimentalWarning', resolve('tools/print-schema.ts')], aside);
    await generate('graphql-codegen', ['--config', 'codegen.ts'], aside);

    const outdated = (await Promise.all(generated.map((folder) => differing(folder, join(aside, folder))))).flat();
    if (outdated.length > 0) throw new Error(`Out of date, run "npm run generate": ${outdated.join(', ')}`);
    return `${generated.join(' and ')} are up to date`;
  } finally {
    await rm(aside, { recursive: true });
  }
}

/** The files that two folders do not share byte by byte, by their paths in the first. */
export async function differing(committed: string, fresh: string): Promise<string[]> {
  const names = new Set([...(await filesOf(committed)), ...(await filesOf(fresh))]);
  const differs = await Promise.all(
    [...names].sort().map(async (name) => {
      const [before, after] = await Promise.all([committed, fresh].map((folder) => bytesOf(join(folder, name))));
      return before === undefined || after === undefined || !before.equals(after) ? [join(committed, name)] : [];
    }),
  );
  return differs.flat();
}

async function generate(program: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, output } = await runProgram(program, args, { cwd });
  if (code !== 0) throw new Error(output);
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

async function bytesOf(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(() => undefined);
}
