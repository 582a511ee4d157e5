import { asShown, upstreamHeaders } from '../access/callers.ts';
import type { CallerCredential, Identity } from '../access/credentials.ts';
import { AccessUnavailable } from '../access/errors.ts';
import { createSparseWarning } from '../access/sparse-log.ts';
import type { AccountId } from '../access/viewer.ts';
import { repeat } from '../clock.ts';
import type { Upstream } from '../config.ts';
import { createDidfarmClient, type DidfarmClientOptions } from '../didfarm/client.ts';
import { UpstreamCallerRefused, UpstreamFailure } from '../didfarm/errors.ts';
import { startForgettingCallers } from './forgotten-callers.ts';
import { openAccount, type RunningAccount, type Shared } from './running-account.ts';

/** How long the one question may take that proves a credential, in milliseconds. */
const proofAllowance = 10_000;
/** When a caller may come back whose credential could not be proven, in milliseconds. */
const askAgainAfter = 5_000;
/** How long an account is kept that nobody asks for, and how often that is looked at, in milliseconds. */
const idleFor = 3_600_000;
const sweepEvery = 600_000;

/** The accounts of callers who bring a DIDfarm key or login of their own: composed when they come, let go when they stay away. */
export interface CallerAccounts {
  /** The account of an identity that has just been proven. Asking for it keeps it. */
  of(identity: Identity, caller: CallerCredential): Promise<RunningAccount>;
  /** Keeps an account that is still followed by a subscription. */
  touch(account: AccountId): void;
  /** Whether DIDfarm takes the credential. @throws AccessUnavailable where it cannot be asked */
  prove(caller: CallerCredential): Promise<boolean>;
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface Kept {
  caller: CallerCredential;
  usedAt: number;
  readonly running: Promise<RunningAccount>;
}

/** @param refused DIDfarm does not take a caller's credential any more. */
export function createCallerAccounts(
  shared: Shared,
  upstream: Upstream,
  refused: (identity: Identity) => void,
): CallerAccounts {
  const { clock, random, log } = shared;
  const warn = createSparseWarning(clock, log);
  const kept = new Map<AccountId, Kept>();
  const open = (identity: Identity, caller: CallerCredential): Kept => {
    const id = identity.viewer.account;
    const made: Kept = {
      caller,
      usedAt: clock.now(),
      running: openAccount({
        ...shared,
        id,
        upstream: ofCaller(upstream),
        headers: () => upstreamHeaders(made.caller),
        onRefused: (shown) => refused({ ...identity, caller: asShown(made.caller, shown) }),
      }).then(async (running) => {
        await forgotten.used(id);
        running.resume();
        return running;
      }),
    };
    made.running.catch(() => kept.delete(id));
    return made;
  };
  const all = () => Promise.all([...kept.values()].map(({ running }) => running));
  /** What works on accounts that are not kept any more. */
  const closing = new Set<Promise<void>>();
  const during = (work: Promise<void>) => {
    const ended = work.finally(() => closing.delete(ended));
    closing.add(ended);
    ended.catch(() => undefined);
  };
  const letGo = (id: AccountId, { running }: Kept) => {
    kept.delete(id);
    during(running.then((account) => account.close()));
  };
  const forgotten = startForgettingCallers({ ...shared, isOpen: (id) => kept.has(id), during });
  const stopSweeping = repeat(clock, sweepEvery, async () => {
    for (const [id, each] of kept) {
      if (each.usedAt >= clock.now() - idleFor) continue;
      log.debug({ account: id }, 'An account that nobody asks for is let go');
      letGo(id, each);
    }
  });

  return {
    async of(identity, caller) {
      const id = identity.viewer.account;
      // One that is just being closed still writes what it spent of the minute, and of one that is being forgotten some is left.
      while (!kept.has(id) && closing.size > 0) await Promise.allSettled(closing);
      const known = kept.get(id) ?? open(identity, caller);
      kept.set(id, known);
      // The XSRF token of a login changes: calls carry the newest.
      known.caller = caller;
      known.usedAt = clock.now();
      return known.running;
    },
    touch(account) {
      const known = kept.get(account);
      if (known) known.usedAt = clock.now();
    },
    async prove(caller) {
      // Nothing of an account is made for a credential that may be a guess.
      const options: DidfarmClientOptions = { ...ofCaller(upstream), clock, random, log };
      const client = createDidfarmClient({ ...options, headers: () => upstreamHeaders(caller) });
      try {
        await client.readBalance({ priority: 'act', deadline: clock.now() + proofAllowance });
        return true;
      } catch (error) {
        if (error instanceof UpstreamCallerRefused) return false;
        if (!(error instanceof UpstreamFailure)) throw error;
        warn('unproven', { err: error }, 'DIDfarm could not be asked whether it takes a caller’s credential');
        throw new AccessUnavailable(Math.ceil((error.retryAfterMilliseconds ?? askAgainAfter) / 1_000));
      } finally {
        await client.close();
      }
    },
    async settled() {
      for (const running of await all()) await running.settled();
    },
    async close() {
      await stopSweeping();
      await forgotten.stop();
      for (const [id, each] of kept) letGo(id, each);
      await Promise.all(closing);
    },
  };
}

/** The gateway's own key is never shown for a caller. */
function ofCaller(upstream: Upstream): Upstream {
  return { ...upstream, apiKey: '' };
}
