import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from '../api-error.ts';
import type { Account } from '../world/account.ts';
import type { Sessions } from './sessions.ts';

/** Behind a key: the same account, but nothing may be changed (403). */
export const readOnlySuffix = '_read';

/** Finds who calls, by key or by cookie. Throws an ApiError: 401, 403 for a key that may only read, 419. */
export function createAuthentication(accounts: readonly Account[], sessions: Sessions) {
  const byKey = new Map(accounts.map((account) => [account.plan.apiKey, account]));

  return (method: string, headers: IncomingHttpHeaders): Account => {
    const key = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
    const account = key === undefined ? sessions.account(method, headers) : byKey.get(key);
    if (account) return account;
    const reader = key?.endsWith(readOnlySuffix) ? byKey.get(key.slice(0, -readOnlySuffix.length)) : undefined;
    if (!reader) throw new ApiError(401, 'unauthenticated', 'Unauthenticated.');
    if (method !== 'GET') throw new ApiError(403, 'forbidden', 'This API key may not do that.');
    return reader;
  };
}
