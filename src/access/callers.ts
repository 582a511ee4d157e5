import { createHmac } from 'node:crypto';
import { bearerOf, type CallerCredential, type Credentials, type Identify } from './credentials.ts';
import { callerPrefix } from './grant.ts';
import type { Proofs } from './proofs.ts';
import { sessionOf } from './session-cookies.ts';
import { type AccountId, accountId } from './viewer.ts';

export interface CallersOptions {
  readonly kind: CallerCredential['kind'];
  /** Origins whose pages may bring the cookies of a DIDfarm login. */
  readonly origins: readonly string[];
  /** Keeps who knows an account's name from finding out the credential behind it. */
  readonly secret: string;
  readonly proofs: Proofs;
}

/** Callers with a DIDfarm key or login of their own: each is the ADMIN of an account that is theirs alone, once DIDfarm has taken it. */
export function identifyCallers({ kind, origins, secret, proofs }: CallersOptions): Identify {
  const presentedBy = kind === 'key' ? keyOf : (credentials: Credentials) => sessionOf(credentials, origins);
  return async (credentials) => {
    const caller = presentedBy(credentials);
    if (caller === null) return null;
    const account = accountOf(caller, secret);
    if (!(await proofs.ensure(account, caller))) return null;
    const viewer = { account, name: 'caller', role: 'ADMIN', client: null, send: false } as const;
    return {
      identity: { viewer, expiresAt: null, caller },
      holds: () => proofs.holds(account, caller),
    };
  };
}

/** What a call to DIDfarm carries that is made for a caller. A Laravel application tells a page's own call by its origin. */
export function upstreamHeaders(caller: CallerCredential): Readonly<Record<string, string>> {
  if (caller.kind === 'key') return { authorization: `Bearer ${caller.secret}` };
  const { cookie, xsrfToken, origin } = caller;
  return { cookie, 'x-xsrf-token': xsrfToken, origin, referer: `${origin}/` };
}

/** A caller's credential as a call has shown it: the XSRF token may have become another meanwhile. */
export function asShown(caller: CallerCredential, headers: Readonly<Record<string, string>>): CallerCredential {
  return caller.kind === 'key' ? caller : { ...caller, xsrfToken: headers['x-xsrf-token'] ?? caller.xsrfToken };
}

/** DIDfarm's own form of a key: Connect guide, "Generate an API Key". */
function keyOf(credentials: Credentials): CallerCredential | null {
  const secret = bearerOf(credentials);
  return secret !== null && /^df_live_[A-Za-z0-9_-]{1,200}$/.test(secret) ? { kind: 'key', secret } : null;
}

/** The XSRF token is not part of it: it changes within one login. */
function accountOf(caller: CallerCredential, secret: string): AccountId {
  const credential = caller.kind === 'key' ? caller.secret : caller.session;
  const hash = createHmac('sha256', secret).update(`${caller.kind} ${credential}`).digest('base64url');
  return accountId(`${callerPrefix}${hash}`);
}
