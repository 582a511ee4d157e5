import { accountId } from '../../src/access/viewer.ts';
import type { LoadOptions } from '../../src/cache/bring.ts';
import { createSnapshots, type Snapshots } from '../../src/cache/snapshots.ts';
import type { Storage } from '../../src/storage/database.ts';
import { createFakeClock } from '../support/clock.ts';

export const policy = { resource: 'wallet', fresh: 20_000, bound: 60_000 };
export const account = accountId('main');

interface Served {
  readonly resource: string;
  readonly asOf: number;
  readonly stale: boolean;
}

/** An upstream whose answers are 1, 2, 3 …, and the snapshots of it. */
export function createBench(
  storage: Storage,
  options: { maxEntries?: number; clock?: ReturnType<typeof createFakeClock> } = {},
) {
  const clock = options.clock ?? createFakeClock();
  const budget = { limitPerMinute: 60, remaining: 60 };
  const warnings: string[] = [];
  const snapshots: Snapshots = createSnapshots({
    storage,
    clock,
    budget: () => budget,
    log: { warn: (_fields, message) => void warnings.push(message) },
    ...(options.maxEntries && { maxEntries: options.maxEntries }),
  });
  const calls: LoadOptions[] = [];
  const upstream: { answer: (options: LoadOptions) => Promise<unknown> } = { answer: async () => calls.length };
  const served: Served[] = [];
  const load = (options: LoadOptions) => {
    calls.push(options);
    return upstream.answer(options);
  };
  const read = async (more: { key?: string; signal?: AbortSignal; deadline?: number; onSent?: () => void } = {}) =>
    snapshots.read(account, policy, more.key ?? '', load, {
      deadline: clock.now() + 10_000,
      onServed: (what) => served.push(what),
      ...more,
    });
  const fail = (error: Error = new Error('upstream is down')) => {
    upstream.answer = async () => {
      throw error;
    };
  };
  return { clock, budget, warnings, snapshots, calls, upstream, served, read, fail, start: clock.now() };
}

/** An answer that comes when the test says so. */
export function later<T>() {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  return { answer: () => promise, resolve, reject };
}

/** Waits for work on a database, which no clock drives. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}
