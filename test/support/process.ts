import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface RunningProcess {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  readonly output: { stdout: string; stderr: string };
  /** Waits until standard output matches; fails with what was printed where the process ends first. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** The exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
}

export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly uid?: number;
  readonly gid?: number;
}

/** Starts a program with this environment only, and follows what it prints. */
export function startProcess(command: string, args: readonly string[], options: ProcessOptions = {}): RunningProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options, env: { ...options.env } });
  const output = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (chunk: string) => {
      output[stream] += chunk;
      for (const watch of watchers) watch();
    });
  }
  const exited = once(child, 'close').then(([code, signal]) => (code as number | null) ?? String(signal));

  return {
    child,
    output,
    exited,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const watch = () => {
          const match = pattern.exec(output.stdout);
          if (match) {
            watchers.delete(watch);
            resolve(match);
          }
        };
        watchers.add(watch);
        watch();
        exited.then(
          (code) =>
            reject(new Error(`Ended with ${code} before it printed ${pattern}:\n${output.stdout}${output.stderr}`)),
          reject,
        );
      }),
  };
}

/** This Node on the gateway's main file, as `npm start` runs it. */
export function startGateway(args: readonly string[], options: ProcessOptions = {}): RunningProcess {
  return startProcess(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/main.ts', ...args], options);
}
