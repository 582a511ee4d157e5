import { cp, mkdir } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';

/** One instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** One `FROM` and what follows it. */
export interface Stage {
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/** Reads the stages of a Dockerfile; those without a name are called by their place. */
export function parseDockerfile(text: string): readonly Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { name: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [name = '', ...rest] = line.trim().split(/\s+/);
    if (name === 'FROM') stages.push({ name: rest[2] ?? String(stages.length), instructions: [] });
    else stages.at(-1)?.instructions.push({ name, text: line.trim().slice(name.length).trim() });
  }
  return stages;
}

/** The words of an exec form, as in `CMD ["node", "main.ts"]`; throws for the shell form, which would swallow signals. */
export function execForm(text: string): [string, ...string[]] {
  const words: unknown = JSON.parse(text.slice(text.indexOf('[')));
  if (!Array.isArray(words) || words.length === 0 || words.some((word) => typeof word !== 'string')) {
    throw new TypeError(`No exec form: ${text}`);
  }
  return words as [string, ...string[]];
}

/**
 * Does what the stage says in the folder `root/STAGE`, with the working directory as the build context, and returns the stage's
 * environment. `USER`, `CMD` and the like only describe the result; an instruction that is not known throws.
 */
export async function replayStage(
  stage: Stage,
  {
    root,
    run,
  }: { root: string; run(command: string, cwd: string, environment: Readonly<Record<string, string>>): void },
): Promise<Record<string, string>> {
  const environment: Record<string, string> = {};
  let workdir = '/';
  const inStage = (path: string) => join(root, stage.name, isAbsolute(path) ? path : join(workdir, path));
  const steps: Record<string, (text: string) => void | Promise<void>> = {
    WORKDIR: async (text) => {
      workdir = text;
      await mkdir(inStage(text), { recursive: true });
    },
    ENV: (text) => {
      const end = text.indexOf('=');
      environment[text.slice(0, end)] = text.slice(end + 1);
    },
    RUN: (text) => run(text, inStage('.'), environment),
    COPY: async (text) => {
      const words = text.split(/\s+/);
      const from = words[0]?.startsWith('--from=') ? join(root, words.shift()?.slice('--from='.length) ?? '') : '.';
      const target = words.pop() ?? '';
      for (const source of words) {
        const to = target.endsWith('/') ? join(target, basename(source)) : target;
        await cp(join(from, source), inStage(to), { recursive: true });
      }
    },
  };
  const descriptive = new Set(['USER', 'VOLUME', 'EXPOSE', 'HEALTHCHECK', 'CMD']);
  for (const { name, text } of stage.instructions) {
    const step = steps[name];
    if (step) await step(text);
    else if (!descriptive.has(name)) throw new TypeError(`An instruction that cannot be replayed: ${name} ${text}`);
  }
  return environment;
}
