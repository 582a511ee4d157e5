import type { Account } from '../account.ts';
import { refreshTrunks } from '../trunks/refresh.ts';

/** How long a first question to DIDfarm may take before the answer is "not yet", in milliseconds. */
const firstAnswer = 5_000;

/**
 * Whether the gateway can do its work: its storage answers, and something of DIDfarm is known. DIDfarm failing now does not make it
 * unready, since it answers from what it knows; the checks say so, of all accounts or of the one that is named.
 */
export function createReadiness(
  accounts: readonly Account[],
): (named: string | null) => Promise<{ ok: boolean; checks: Record<string, unknown> }> {
  return async (named) => {
    const [first] = accounts;
    const storage = await first?.storage.ping().then(
      () => 'ok',
      (error: unknown) => String(error instanceof Error ? error.message : error),
    );
    if (storage !== 'ok') return { ok: false, checks: { storage } };
    if (first !== undefined && accounts.length === 1) {
      const upstream = await upstreamKnown(first);
      return { ok: upstream.known, checks: { storage, upstream } };
    }
    const known = await Promise.all(accounts.map(async (each) => [each.id, await upstreamKnown(each)] as const));
    const shown = known.filter(([id]) => named === null || named === id);
    // One account that DIDfarm does not answer for is no reason to take the others' gateway away.
    return { ok: known.some(([, { known }]) => known), checks: { storage, upstream: Object.fromEntries(shown) } };
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
