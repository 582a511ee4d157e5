import type { Account } from '../account.ts';
import { refreshTrunks } from '../trunks/refresh.ts';

/** How long a first question to DIDfarm may take before the answer is "not yet", in milliseconds. */
const firstAnswer = 5_000;

/**
 * Whether the gateway can do its work: its storage answers, and something of DIDfarm is known. DIDfarm failing now does not make it
 * unready, since it answers from what it knows; the checks say so.
 */
export function createReadiness(account: Account): () => Promise<{ ok: boolean; checks: Record<string, unknown> }> {
  return async () => {
    const storage = await account.storage.ping().then(
      () => 'ok',
      (error: unknown) => String(error instanceof Error ? error.message : error),
    );
    if (storage !== 'ok') return { ok: false, checks: { storage } };
    const upstream = await upstreamKnown(account);
    return { ok: upstream.known, checks: { storage, upstream } };
  };
}

async function upstreamKnown(account: Account) {
  const { breaker } = account.didfarm.state();
  const known = async () => (await account.snapshots.states(account.id)).some((state) => state.asOf !== null);
  if (await known()) return { known: true, breaker };
  const error = await refreshTrunks(account, { deadline: account.clock.now() + firstAnswer }).then(
    () => null,
    (failure: unknown) => String(failure instanceof Error ? failure.message : failure),
  );
  return { known: error === null, breaker, ...(error === null ? {} : { error }) };
}
