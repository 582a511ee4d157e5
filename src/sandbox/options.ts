import type { SandboxClock } from './clock.ts';
import type { Variants } from './variants.ts';

/** Where DIDfarm delivers an account's events. */
export interface WebhookTarget {
  readonly url: string;
  /** Default: `whsec_sandbox`. */
  readonly secret?: string | undefined;
}

/** One DIDfarm account and its world. All sizes are what it has at the start. */
export interface AccountOptions {
  /** Default: `df_live_sandbox`. With `_read` behind it, a key that may only read. */
  readonly apiKey?: string | undefined;
  readonly seed?: number | undefined;
  readonly trunks?: number | undefined;
  /** Owned numbers, at most 100,000; computed when asked for. */
  readonly numbers?: number | undefined;
  /** Rows of the wallet's history, at most 1,000,000; computed when asked for. */
  readonly transactions?: number | undefined;
  /** Numbers for sale in each range (country, type and city), at most 5,000. */
  readonly available?: number | undefined;
  /** Euros, at most three decimals. */
  readonly balance?: string | undefined;
  /** For the cookie login. */
  readonly email?: string | undefined;
  readonly password?: string | undefined;
  readonly webhook?: WebhookTarget | undefined;
}

/** Options of `createSandbox`; those of the first account stand at the top. */
export interface SandboxOptions extends AccountOptions {
  /** Whose time it lives in. Default: a clock of its own that the control can advance. */
  readonly clock?: SandboxClock | undefined;
  /** Where its own clock starts (epoch ms). Default: now. */
  readonly startAt?: number | undefined;
  /** More accounts, each with a key and a world of its own; nothing is taken over from the first. */
  readonly accounts?: readonly AccountOptions[] | undefined;
  /** Calls a minute and account; null: no limit. Default: 60. */
  readonly rateLimit?: number | null | undefined;
  /** Trunks drop and return, texts arrive and numbers activate, a few times a minute. */
  readonly lively?: boolean | undefined;
  readonly variants?: Partial<Variants> | undefined;
}

/** An account's options with every default filled in. */
export interface AccountPlan {
  readonly apiKey: string;
  readonly seed: number;
  readonly trunks: number;
  readonly numbers: number;
  readonly transactions: number;
  readonly available: number;
  readonly balance: string;
  readonly email: string;
  readonly password: string;
  readonly webhookUrl: string | undefined;
  readonly webhookSecret: string;
}

const limits = { trunks: 10_000, numbers: 100_000, transactions: 1_000_000, available: 5_000 } as const;

/** Fills in the defaults. Throws a RangeError for a size out of its bounds. */
export function planAccount(options: AccountOptions): AccountPlan {
  const plan: AccountPlan = {
    apiKey: options.apiKey ?? 'df_live_sandbox',
    seed: options.seed ?? 1,
    trunks: options.trunks ?? 20,
    numbers: options.numbers ?? 60,
    transactions: options.transactions ?? 600,
    available: options.available ?? 48,
    balance: options.balance ?? '142.50',
    email: options.email ?? 'owner@example.com',
    password: options.password ?? 'sandbox',
    webhookUrl: options.webhook?.url,
    webhookSecret: options.webhook?.secret ?? 'whsec_sandbox',
  };
  for (const size of ['trunks', 'numbers', 'transactions', 'available'] as const) {
    if (!Number.isInteger(plan[size]) || plan[size] < 0 || plan[size] > limits[size]) {
      throw new RangeError(`${size} must be a whole number from 0 to ${limits[size]}, not ${plan[size]}`);
    }
  }
  return plan;
}
