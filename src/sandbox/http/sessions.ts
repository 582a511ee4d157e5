import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from '../api-error.ts';
import { letters } from '../random.ts';
import type { Account } from '../world/account.ts';
import type { Answer } from './wire.ts';

interface Session {
  readonly token: string;
  account: Account | undefined;
}

/** The cookie login of a Laravel application with Sanctum, as a browser's own frontend uses it. */
export interface Sessions {
  /** `GET /sanctum/csrf-cookie`: the session and its XSRF token, before anybody has logged in. */
  open(): Answer;
  /** `POST /login`: 204 with a new session, 422 for wrong credentials, 419 without the XSRF token. */
  login(headers: IncomingHttpHeaders, body: unknown): Answer;
  /** Who the session cookie belongs to. Throws an ApiError 419 where a change comes without the XSRF token. */
  account(method: string, headers: IncomingHttpHeaders): Account | undefined;
}

const cookieName = 'didfarm_session';

const readCookie = (headers: IncomingHttpHeaders) =>
  /(?:^|;\s*)didfarm_session=([^;]+)/.exec(headers.cookie ?? '')?.[1];

/** Creates the login for these accounts, with nobody logged in. */
export function createSessions(accounts: readonly Account[], seed: number): Sessions {
  const sessions = new Map<string, Session>();
  let started = 0;

  const start = (account: Account | undefined): Answer => {
    const id = letters(40, seed, 'session', started);
    const token = `${letters(40, seed, 'xsrf', started++)}==`;
    sessions.set(id, { token, account });
    const cookies = [
      `XSRF-TOKEN=${encodeURIComponent(token)}; Path=/; SameSite=Lax`,
      `${cookieName}=${id}; Path=/; HttpOnly; SameSite=Lax`,
    ];
    return { status: 204, headers: { 'set-cookie': cookies } };
  };
  const verified = (method: string, headers: IncomingHttpHeaders): Session | undefined => {
    const session = sessions.get(readCookie(headers) ?? '');
    const safe = method === 'GET' || method === 'HEAD';
    if (!safe && session?.token !== headers['x-xsrf-token']) throw new ApiError(419, 'csrf', 'CSRF token mismatch.');
    return session;
  };

  return {
    open: () => start(undefined),
    login(headers, body) {
      if (!verified('POST', headers)) throw new ApiError(419, 'csrf', 'CSRF token mismatch.');
      const { email, password } = Object(body);
      const account = accounts.find(({ plan }) => plan.email === email && plan.password === password);
      if (!account) {
        const message = 'These credentials do not match our records.';
        throw new ApiError(422, 'validation_error', message, { email: [message] });
      }
      sessions.delete(readCookie(headers) ?? '');
      return start(account);
    },
    account: (method, headers) => (readCookie(headers) === undefined ? undefined : verified(method, headers)?.account),
  };
}
