import { upstreamHeaders } from '../../../src/access/callers.ts';
import type { Prove } from '../../../src/access/proofs.ts';
import { createSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';

/** The cookies of a browser that has logged in, each as `name=value`. */
export interface Login {
  readonly session: string;
  readonly xsrf: string;
}

/** A DIDfarm with two accounts that logs people in, and the question that proves a credential: what is in the wallet? */
export interface TestDidfarm extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly prove: Prove;
  readonly asked: () => number;
  logIn(email?: string): Promise<Login>;
}

export const otherKey = 'df_live_other';
export const otherEmail = 'other@example.com';

export async function startDidfarm(): Promise<TestDidfarm> {
  const sandbox = createSandbox({ rateLimit: null, accounts: [{ apiKey: otherKey, email: otherEmail, seed: 9 }] });
  await sandbox.listen();
  return {
    sandbox,
    async prove(caller) {
      // Otherwise a Laravel application leads whom it refuses to a page that lets them log in, and that page is a 200.
      const headers = { ...upstreamHeaders(caller), accept: 'application/json' };
      const { status } = await fetch(`${sandbox.apiUrl}/wallet/balance`, { headers, redirect: 'manual' });
      if (status === 200) return true;
      if (status === 401 || status === 419) return false;
      throw new Error(`DIDfarm answered ${status}`);
    },
    asked: () => sandbox.control.calls().total,
    logIn: (email = 'owner@example.com') => logIn(sandbox.url, email),
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

/** Logs in to a sandbox as its login page does. */
export async function logIn(url: string, email: string): Promise<Login> {
  const guest = loginIn(await fetch(`${url}/sanctum/csrf-cookie`));
  const headers = {
    cookie: cookiesOf(guest),
    'x-xsrf-token': decodeURIComponent(guest.xsrf.slice('XSRF-TOKEN='.length)),
    'content-type': 'application/json',
  };
  const body = JSON.stringify({ email, password: 'sandbox' });
  return loginIn(await fetch(`${url}/login`, { method: 'POST', headers, body }));
}

export function cookiesOf({ session, xsrf }: Login): string {
  return `${session}; ${xsrf}`;
}

function loginIn({ headers }: Response): Login {
  const pairs = headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
  const named = (name: string) => pairs.find((pair) => pair.startsWith(`${name}=`)) ?? '';
  return { session: named('didfarm_session'), xsrf: named('XSRF-TOKEN') };
}
