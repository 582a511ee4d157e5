import type { Account } from '../account.ts';
import { UpstreamFailure, UpstreamRateLimited } from '../didfarm/errors.ts';
import { readBacklogPage } from './mirror.ts';
import { readMirror, writeMirrorError } from './mirror-state.ts';
import { refreshTransactions } from './refresh.ts';

/** Reads the backlog of transactions while there is one. Started once an account. */
export interface Backlog {
  /** Ends it after what is under way; the next start goes on from there. */
  stop(): Promise<void>;
  /** Resolves when there is no backlog, or after {@link Backlog.stop}. */
  idle(): Promise<void>;
}

/** All in milliseconds. */
const callTimeout = 60_000;
const lookAgain = 10_000;
const shortestWait = 1_000;
const longestWait = 60_000;

/** Begins at once, and with the newest transactions where nothing was ever read. Calls have the priority `refresh`. */
export function startBacklog(account: Account): Backlog {
  const stopping = new AbortController();
  const { signal } = stopping;
  const waiting: (() => void)[] = [];
  let wake = () => {};

  const rest = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    const cancel = account.clock.after(lookAgain, resolve);
    for (const release of waiting.splice(0)) release();
    await promise;
    cancel();
  };
  let failures = 0;
  const readOnOrRest = async () => {
    const more = await readOn(account, signal);
    if (failures > 0) await writeMirrorError(account.storage.db, account.id, null);
    failures = 0;
    if (!more && !signal.aborted) await rest();
  };
  const waitAfterFailure = async (error: unknown) => {
    if (signal.aborted) return;
    failures += 1;
    await report(account, error);
    // The signal ends it early, which is no failure.
    await account.clock.sleep(waitAfter(error, failures), signal).catch(() => undefined);
  };
  const run = async () => {
    while (!signal.aborted) await readOnOrRest().catch(waitAfterFailure);
  };
  const ended = run();

  return {
    async stop() {
      stopping.abort(new Error('The gateway is stopping'));
      wake();
      await ended;
    },
    async idle() {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      wake();
      await Promise.race([promise, ended]);
    },
  };
}

async function readOn(account: Account, signal: AbortSignal): Promise<boolean> {
  const deadline = account.clock.now() + callTimeout;
  const begun = async () => (await readMirror(account.storage.db, account.id)) !== null;
  if (!(await begun())) {
    await refreshTransactions(account, { deadline, signal });
    return begun();
  }
  return readBacklogPage(account, { priority: 'refresh', deadline, signal });
}

/** The wait after a failure: doubled with each, longer where DIDfarm or the budget says so. */
function waitAfter(error: unknown, failures: number): number {
  const asked = error instanceof UpstreamFailure ? (error.retryAfterMilliseconds ?? 0) : 0;
  return Math.max(asked, Math.min(longestWait, shortestWait * 2 ** (failures - 1)));
}

async function report(account: Account, error: unknown): Promise<void> {
  // A full budget is the usual state of a long backlog, and no fault.
  if (error instanceof UpstreamRateLimited)
    return account.log.debug({ err: error }, 'The backlog of transactions waits');
  account.log.warn({ err: error }, 'The backlog of transactions does not get on');
  const message = error instanceof UpstreamFailure ? error.message : 'A page could not be stored: see the log.';
  await writeMirrorError(account.storage.db, account.id, message).catch((cause: unknown) =>
    account.log.error({ err: cause }, 'Nor can that be stored'),
  );
}
