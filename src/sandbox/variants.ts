import { z } from 'zod';

/**
 * How DIDfarm answers where its guide does not say. One switch for each row of the tolerance table; the defaults are
 * what a Laravel application does by itself. All can be changed while the sandbox runs.
 */
export const variantsSchema = z.strictObject({
  /** `{data: …}` around resources and lists, or the bare object or array. */
  envelope: z.enum(['data', 'bare']).default('data'),
  /** Names of the paging fields; `top-level` puts Laravel's beside `data`; `none` gives none at all. */
  paging: z.enum(['laravel', 'pages', 'page-number', 'total-only', 'top-level', 'none']).default('laravel'),
  /** What a page behind the last one holds. */
  beyondLastPage: z.enum(['empty', 'repeat']).default('empty'),
  /** Rows a page where the caller does not ask. */
  perPage: z.int().min(1).max(100).default(25),
  /** Which identifiers a trunk row carries. */
  trunkIdentity: z.enum(['both', 'id', 'uuid']).default('both'),
  /** Which identifiers the answer to a trunk's creation carries. */
  createdTrunkIdentity: z.enum(['both', 'uuid']).default('both'),
  /** Words for a trunk's status: registered/offline, active/inactive, or words that nobody knows. */
  trunkStatus: z.enum(['registered', 'active', 'unknown']).default('registered'),
  /** JSON type of amounts. Units never vary: cents for rates, euros for balance, transactions and messages. */
  ratesAs: z.enum(['number', 'string']).default('number'),
  balanceAs: z.enum(['string', 'number']).default('string'),
  amountsAs: z.enum(['string', 'number']).default('string'),
  messageCostAs: z.enum(['number', 'string']).default('number'),
  /** Spelling of times: `…Z`, `…+00:00`, with milliseconds or microseconds. */
  timestamps: z.enum(['z', 'offset', 'milliseconds', 'microseconds', 'fraction-offset']).default('z'),
  /** Shape of an error's body. */
  errors: z.enum(['object', 'string', 'laravel', 'message', 'empty']).default('object'),
  /** `laravel`: limit and remaining always, reset when refused; `all`: the three always. */
  rateLimitHeaders: z.enum(['laravel', 'all', 'absent']).default('laravel'),
  retryAfter: z.enum(['seconds', 'date', 'absent']).default('seconds'),
  /** Laravel's throttle counts in a fixed window that the first call opens. */
  rateLimitWindow: z.enum(['fixed', 'sliding']).default('fixed'),
  signature: z.enum(['hex', 'base64']).default('hex'),
  signaturePrefix: z.boolean().default(false),
  /** Whether events name the trunk. */
  eventTrunk: z.enum(['present', 'null']).default('present'),
  /** Where the checkout's answer carries `requires_regulatory`. */
  requiresRegulatory: z.enum(['data', 'top', 'item', 'absent']).default('data'),
  /** Number types, statuses and transaction kinds that are in no documentation. */
  unknownEnums: z.boolean().default(false),
  /** Fields on each resource that are in no documentation. */
  extraFields: z.boolean().default(false),
  /** Fields left out: `city`, or of one resource only, `trunk.username`. Required ones too, to provoke a refusal. */
  missingFields: z.array(z.string()).default([]),
  /** Fields that are null, named likewise. */
  nullFields: z.array(z.string()).default([]),
});

/** All switches, with their values. */
export type Variants = z.infer<typeof variantsSchema>;

/** The switches of a running sandbox, read anew for each answer. */
export interface VariantSwitches {
  current(): Variants;
  set(change: Partial<Variants>): Variants;
  reset(): Variants;
}

/** Creates the switches; `reset` goes back to `initial`. Throws a ZodError for an unknown switch or value. */
export function createVariants(initial: Partial<Variants> = {}): VariantSwitches {
  const first = variantsSchema.parse(initial);
  let current = first;
  return {
    current: () => current,
    set: (change) => (current = variantsSchema.parse({ ...current, ...change })),
    reset: () => (current = first),
  };
}
