import {
  type CryptoKey,
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWK,
  type JWSHeaderParameters,
} from 'jose';
import type { Cancel, Clock } from '../clock.ts';
import type { AccessLog } from './credentials.ts';
import { AccessUnavailable } from './errors.ts';
import type { VerificationKeys } from './jwt-keys.ts';

export interface JwksOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly log: AccessLog;
  readonly fetch?: FetchImplementation | undefined;
  /** Other keys are known than before. */
  readonly changed?: (() => void) | undefined;
}

/** How old the keys may become before they are fetched again, so that a withdrawn one is not trusted for ever. */
const refreshPeriod = 600_000;

/** How soon a JWT of an unknown key may cause another fetch, and how soon it may after one that failed. */
const cooldown = 30_000;
const cooldownAfterFailure = 5_000;

const algorithms = ['RS', 'PS', 'ES'].flatMap((family) => ['256', '384', '512'].map((bits) => family + bits));

/**
 * The keys of JWT_JWKS_URL. They are fetched at once, every ten minutes, and for a key that is not known yet; where that fails, those
 * known go on. jose fetches and chooses; when, is decided here, by the gateway's own clock and without ever forgetting a known key.
 */
export function remoteKeys({ url, clock, log, fetch, changed }: JwksOptions): VerificationKeys {
  const remote = createRemoteJWKSet(new URL(url), {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: Number.POSITIVE_INFINITY,
    ...(fetch && { [customFetch]: fetch }),
  });
  let known: readonly JWK[] | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  let failing = false;
  let fetching: Promise<void> | null = null;
  let cancel: Cancel = () => undefined;

  const load = async () => {
    askedAt = clock.now();
    try {
      await remote.reload();
      const before = JSON.stringify(known);
      known = remote.jwks()?.keys ?? [];
      if (JSON.stringify(known) !== before) changed?.();
      if (failing) log.info({ url, keys: known.length }, 'The keys for JWTs can be fetched again');
      failing = false;
    } catch (error) {
      const consequence = known === null ? 'no JWT can be checked until they are' : 'those known go on';
      if (!failing) log.warn({ url, err: error }, `The keys for JWTs cannot be fetched: ${consequence}`);
      failing = true;
    }
  };
  const fetchKeys = () => {
    fetching ??= load().finally(() => {
      fetching = null;
    });
    return fetching;
  };
  const fetchAgain = async () => {
    // A clock that was set back must not put it off.
    const since = Math.abs(clock.now() - askedAt);
    if (fetching !== null || since >= (failing ? cooldownAfterFailure : cooldown)) await fetchKeys();
  };
  const fetchPeriodically = () => {
    void fetchKeys();
    cancel = clock.after(refreshPeriod, fetchPeriodically);
  };
  fetchPeriodically();

  return {
    algorithms: [...algorithms, 'EdDSA', 'Ed25519'],
    async candidates(header) {
      let keys = known === null ? [] : await matching(remote, header);
      if (keys.length === 0) {
        await fetchAgain();
        keys = known === null ? [] : await matching(remote, header);
      }
      // Whoever signed it may have a new key, which cannot be fetched now.
      if (keys.length === 0 && failing) throw new AccessUnavailable(cooldownAfterFailure / 1000);
      const signing = wordsOf(known, header);
      return keys.map((key) => ({ key, trusted: () => wordsOf(known, header) === signing }));
    },
    close: () => cancel(),
  };
}

async function matching(
  remote: ReturnType<typeof createRemoteJWKSet>,
  header: JWSHeaderParameters,
): Promise<readonly CryptoKey[]> {
  try {
    return [await remote(header)];
  } catch (error) {
    // None matches, or the one that does is no usable key.
    return error instanceof errors.JWKSMultipleMatchingKeys ? Array.fromAsync(error) : [];
  }
}

/** What the set says of the key that a JWT names, and of all where it names none. Another word, and the JWT has to be checked anew. */
function wordsOf(keys: readonly JWK[] | null, { kid }: JWSHeaderParameters): string {
  return JSON.stringify(keys?.filter((key) => kid === undefined || key.kid === kid));
}
