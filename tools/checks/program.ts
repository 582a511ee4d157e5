import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, resolve } from 'node:path';

/** How a program ended and what it printed, standard error behind standard output. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly output: string;
}

/** Runs a program of this project's dependencies, or `node` itself, to its end; `live` passes on what it prints. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly live?: boolean } = {},
): Promise<Ended> {
  const { cwd = '.', live = false } = options;
  const programs = resolve('node_modules/.bin');
  const child = spawn(program === 'node' ? process.execPath : resolve(programs, program), args, {
    cwd,
    env: { ...process.env, PATH: [programs, process.env['PATH']].join(delimiter), NO_UPDATE_NOTIFIER: '1' },
    stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (chunk: string) => {
      printed[stream] += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : 1, stdout: printed.stdout, output: printed.stdout + printed.stderr };
}
