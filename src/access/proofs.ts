import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { AccessLog, CallerCredential } from './credentials.ts';
import { AccessUnavailable } from './errors.ts';
import { hashToken } from './tokens.ts';
import type { AccountId } from './viewer.ts';

/**
 * Asks DIDfarm whether it takes a credential: false where it refuses it (401, 419). What it throws where DIDfarm cannot be asked is
 * thrown to the caller. Must end by a deadline of its own.
 */
export type Prove = (caller: CallerCredential) => Promise<boolean>;

/** Which callers' credentials DIDfarm was seen to take, and when. */
export interface Proofs {
  /** Asks DIDfarm unless it was asked in the last minutes. @throws AccessUnavailable, and what `prove` throws */
  ensure(account: AccountId, caller: CallerCredential): Promise<boolean>;
  /** DIDfarm took it in the last five minutes. In the last of them it is asked again meanwhile: whoever goes on asking this goes on. */
  holds(account: AccountId, caller: CallerCredential): boolean;
  /** DIDfarm has refused it in the course of another call. */
  refused(account: AccountId, caller: CallerCredential): void;
}

export interface ProofsOptions {
  readonly prove: Prove;
  readonly clock: Clock;
  readonly log: AccessLog;
  /** A credential that was taken is not any more. */
  readonly changed?: (() => void) | undefined;
}

/** How long a proof counts, and from which age on it is renewed in the background. */
const life = 300_000;
const renewal = 240_000;

/** How long DIDfarm is not asked again: after it refused a credential, and after it could not be asked in the background. */
const afterRefusal = 30_000;
const afterFailure = 10_000;

/** Guessed keys must not make the gateway a flood of requests, nor fill its memory. */
const mostAtOnce = 16;
const mostKnown = 10_000;

export function createProofs({ prove, clock, log, changed }: ProofsOptions): Proofs {
  const provenAt = new LRUCache<AccountId, number>({ max: mostKnown });
  /** By what was shown: within one login a page may still hold an XSRF token that another page's has replaced. */
  const refusedAt = new LRUCache<string, number>({ max: mostKnown });
  const failedAt = new LRUCache<AccountId, number>({ max: mostKnown });
  const questions = new Map<string, Promise<boolean>>();

  const isWithin = (at: number | undefined, span: number) => at !== undefined && Math.abs(clock.now() - at) < span;

  const refuse = (account: AccountId, caller: CallerCredential) => {
    const wasTaken = provenAt.delete(account);
    refusedAt.set(shownAs(account, caller), clock.now());
    if (wasTaken) changed?.();
  };
  const ask = async (account: AccountId, caller: CallerCredential) => {
    const askedAt = clock.now();
    const isTaken = await prove(caller);
    // Refused meanwhile, in the course of another call: this answer may be the older one.
    const isRefused = (refusedAt.get(shownAs(account, caller)) ?? Number.NEGATIVE_INFINITY) >= askedAt;
    if (!isTaken) refuse(account, caller);
    else if (!isRefused) provenAt.set(account, askedAt);
    return isTaken && !isRefused;
  };
  const question = (account: AccountId, caller: CallerCredential): Promise<boolean> => {
    const shown = shownAs(account, caller);
    const asked = questions.get(shown);
    if (asked) return asked;
    if (questions.size >= mostAtOnce) return Promise.reject(new AccessUnavailable(1));
    const answer = ask(account, caller).finally(() => questions.delete(shown));
    questions.set(shown, answer);
    return answer;
  };
  const renew = (account: AccountId, caller: CallerCredential) => {
    if (questions.has(shownAs(account, caller)) || isWithin(failedAt.get(account), afterFailure)) return;
    question(account, caller).catch((error: unknown) => {
      failedAt.set(account, clock.now());
      log.warn({ err: error, account }, 'DIDfarm could not be asked whether it still takes a caller’s credential');
    });
  };
  const holds = (account: AccountId, caller: CallerCredential) => {
    const at = provenAt.get(account);
    if (!isWithin(at, life)) return false;
    if (!isWithin(at, renewal)) renew(account, caller);
    return true;
  };

  return {
    async ensure(account, caller) {
      if (isWithin(refusedAt.get(shownAs(account, caller)), afterRefusal)) return false;
      if (holds(account, caller)) return true;
      return question(account, caller);
    },
    holds,
    refused: refuse,
  };
}

/** A credential with all that DIDfarm was shown of it; short, however long a token somebody makes up. */
function shownAs(account: AccountId, caller: CallerCredential): string {
  return caller.kind === 'key' ? account : `${account} ${hashToken(caller.xsrfToken).toString('base64url')}`;
}
