import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { chmod, cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execForm, type Instruction, parseDockerfile, replayStage } from './dockerfile.ts';

/** The container image, its paths below a folder of this machine. */
export interface Image {
  /** The working directory, `/app` in the image. */
  readonly folder: string;
  /** What its programs are given. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of the stage that is the image. */
  readonly instructions: readonly Instruction[];
  /** The program that it runs, and its arguments. */
  readonly command: readonly [string, ...string[]];
}

/** Whom `USER node` stands for here. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

export const stages = parseDockerfile(await readFile('Dockerfile', 'utf8'));

/** Not replayed, as it would fetch what is here already: the packages are linked. */
export const install = 'npm ci --ignore-scripts --no-audit --no-fund';

/**
 * Does what the Dockerfile says in a folder that is there, each stage in one of its own; no container engine is needed. Where this user
 * may not give files away, they stay its own.
 */
export async function replayImage(root: string, user: User): Promise<Image> {
  const last = stages.at(-1);
  if (!last) throw new Error('The Dockerfile has no stage');
  await chmod(root, 0o755);
  // The image's Node: a copy of this one, which may lie where another user cannot go.
  await mkdir(join(root, 'bin'));
  await cp(process.execPath, join(root, 'bin', 'node'));
  const owner = `${user.uid}:${user.gid}`;
  const run = (command: string, cwd: string, given: Readonly<Record<string, string>>) => {
    if (command === install) return symlinkSync(join(process.cwd(), 'node_modules'), join(cwd, 'node_modules'));
    const own = command.replaceAll('node:node', owner).replaceAll('0:0', process.getuid?.() === 0 ? '0:0' : owner);
    execFileSync('sh', ['-c', own], { cwd, env: { ...buildEnvironment(root), ...within(cwd, given) }, stdio: 'pipe' });
  };
  let environment: Record<string, string> = {};
  for (const stage of stages) environment = await replayStage(stage, { root, run });
  // Nobody but root removes what may not be written to.
  if (process.getuid?.() !== 0) execFileSync('chmod', ['-R', 'u+w', root]);
  const folder = join(root, last.name, 'app');
  return {
    folder,
    environment: { ...within(folder, environment), PATH: join(root, 'bin') },
    instructions: last.instructions,
    command: execForm(last.instructions.find(({ name }) => name === 'CMD')?.text ?? ''),
  };
}

/** The image's paths as they are here. */
function within(folder: string, given: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value.replace('/app/', `${folder}/`)]));
}

/** Without what npm says of this project. */
function buildEnvironment(root: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle|config_local_prefix)|NODE_(ENV|OPTIONS|V8_COVERAGE)$|VITEST)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    PATH: `${join(root, 'bin')}:${process.env['PATH']}`,
  };
}
