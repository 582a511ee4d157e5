import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type RunningProcess, startProcess } from '../test/support/process.ts';

/** A server in a process of its own. */
export interface Child {
  readonly url: string;
  readonly process: RunningProcess;
  /** Bytes; NaN where this system does not tell. */
  residentMemory(): number;
  /** Milliseconds of processor time so far, all threads; NaN where this system does not tell. */
  processorTime(): number;
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Keeps it on the last core, where it is alone, so that two servers are given the same. */
  readonly pinned?: boolean;
  /** Finds its address in what it prints. */
  readonly address: RegExp;
}

/** How long a start may take, in milliseconds: nothing here waits without end. */
const patience = 30_000;

const lastCore = availableParallelism() - 1;

/** Whether a process can be kept on one core here. */
export const canPin = lastCore > 0 && spawnSync('taskset', ['--version']).error === undefined;

const running = new Set<RunningProcess>();
// However this process ends, nothing that it started stays behind.
process.on('exit', () => {
  for (const { child } of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

/** Leaves the last core to the servers: load comes from this process, on the others. */
export function leaveServersCore(): void {
  if (canPin) spawnSync('taskset', ['-apc', `0-${lastCore - 1}`, String(process.pid)]);
}

export async function startChild(args: readonly string[], options: ChildOptions): Promise<Child> {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', ...args];
  const onOneCore = ['taskset', '-c', String(lastCore)];
  const [command = '', ...rest] = options.pinned && canPin ? [...onOneCore, ...node] : node;
  const env = { ...options.env, PATH: process.env['PATH'] ?? '' };
  const started = startProcess(command, rest, { env, ...(options.cwd !== undefined && { cwd: options.cwd }) });
  running.add(started);
  const { child, exited, printed } = started;
  exited.then(
    () => running.delete(started),
    () => running.delete(started),
  );
  const impatient = setTimeout(() => child.kill('SIGKILL'), patience);
  const [, url = ''] = await printed(options.address).finally(() => clearTimeout(impatient));
  return {
    url,
    process: started,
    residentMemory: () => residentMemory(child.pid),
    processorTime: () => processorTime(child.pid),
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), patience);
      await exited.finally(() => clearTimeout(late));
    },
  };
}

/** On node:http alone; with `file` it answers its bytes. */
export function startBareServer(file?: string): Promise<Child> {
  const args = ['bench/bare-server.js', ...(file === undefined ? [] : [file])];
  return startChild(args, { pinned: true, address: /(http:\S+)\n/ });
}

function residentMemory(pid: number | undefined): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes) * 1024;
  } catch {
    return Number.NaN;
  }
}

/** `utime` and `stime` of proc(5), in ticks of 10 ms; the fields before them end with the name in brackets. */
function processorTime(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

/** Asks a GraphQL server in another process. */
export async function ask(url: string, query: string, variables: object = {}): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
}

/** The data of an answer that has no errors. */
export async function dataOf(answer: Response): Promise<Readonly<Record<string, unknown>>> {
  const text = await answer.text();
  const { data, errors } = JSON.parse(text) as { data?: Record<string, unknown>; errors?: unknown };
  if (!data || errors) throw new Error(`Not answered: ${text.slice(0, 500)}`);
  return data;
}
