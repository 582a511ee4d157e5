import { once } from 'node:events';
import { createDrivenClock } from './clock.ts';
import { type AccountControl, createAccountControl } from './control/account-control.ts';
import { type Control, createControl } from './control/control.ts';
import { createApi } from './http/api.ts';
import { createCalls } from './http/calls.ts';
import { createFaults } from './http/faults.ts';
import { createLimiter } from './http/limit.ts';
import { createHttpServer } from './http/server.ts';
import { createSessions } from './http/sessions.ts';
import { type AccountOptions, planAccount, type SandboxOptions } from './options.ts';
import { createVariants } from './variants.ts';
import { createDeliveries } from './webhooks/deliveries.ts';
import { createAccount } from './world/account.ts';
import { startLife } from './world/life.ts';

export type { Control, SandboxOptions };

/** A DIDfarm to run against: its API over HTTP, and the control in process. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT`, known after `listen`. */
  readonly url: string;
  /** Where the REST API starts: `url` and `/api/v1`. */
  readonly apiUrl: string;
  readonly regulatoryUrl: string;
  /** The first account's key and webhook secret. */
  readonly apiKey: string;
  readonly webhookSecret: string;
  /** What `/__sandbox/` offers over HTTP, and the worlds behind the API as the truth for tests. */
  readonly control: Control;
  /** Starts to answer; port 0 (the default) is any free one. */
  listen(options?: { readonly host?: string; readonly port?: number }): Promise<void>;
  /** Ends every connection and all that was planned. */
  close(): Promise<void>;
}

/** Creates a sandbox. The same options give the same world. Throws a RangeError or ZodError for options out of bounds. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const driven = options.clock ? undefined : createDrivenClock(options.startAt ?? Date.now());
  const clock = options.clock ?? driven ?? createDrivenClock(Date.now());
  const variants = createVariants(options.variants);
  const faults = createFaults();
  const calls = createCalls();
  const limiter = createLimiter(options.rateLimit === undefined ? 60 : options.rateLimit);
  const stops: (() => void)[] = [];

  const open = (accountOptions: AccountOptions): AccountControl => {
    const plan = planAccount(accountOptions);
    const webhooks = createDeliveries({ clock, variants, url: plan.webhookUrl, secret: plan.webhookSecret });
    const world = createAccount(plan, clock, webhooks.emit);
    stops.push(webhooks.stop, world.lifecycle.stop);
    if (options.lively) stops.push(startLife(world, clock));
    return createAccountControl(world, webhooks);
  };
  const first = open(options);
  const accounts: [AccountControl, ...AccountControl[]] = [first, ...(options.accounts ?? []).map(open)];
  if (new Set(accounts.map(({ apiKey }) => apiKey)).size < accounts.length) {
    throw new RangeError('each account needs an apiKey of its own');
  }
  const worlds = accounts.map(({ world }) => world);

  const control = createControl({ clock, driven, faults, variants, calls, limiter, accounts });
  const sessions = createSessions(worlds, options.seed ?? 1);
  const api = createApi({ accounts: worlds, sessions, clock, variants, limiter, faults, calls });
  const server = createHttpServer({ api, control, sessions });

  const url = () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the sandbox does not listen yet');
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}`;
  };

  return {
    get url() {
      return url();
    },
    get apiUrl() {
      return `${url()}/api/v1`;
    },
    get regulatoryUrl() {
      return `${url()}/api/regulatory/submit`;
    },
    apiKey: first.apiKey,
    webhookSecret: first.world.plan.webhookSecret,
    control,
    async listen({ host = '127.0.0.1', port = 0 } = {}) {
      server.listen(port, host);
      await once(server, 'listening');
    },
    async close() {
      for (const stop of stops) stop();
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
