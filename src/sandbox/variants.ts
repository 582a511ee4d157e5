import { z } from 'zod';

/**
 * How DIDfarm answers where its guide does not say. One switch for each row of the tolerance table; the defaults are
 * what a Laravel application does by itself. All can be changed while the sandbox runs.
 */
export const variantsSchema = z.strictObject({
  envelope: z
    .enum(['data', 'bare'])
    .default('data')
    .describe('{data: …} around resources and lists, or the bare object or array'),
  paging: z
    .enum(['laravel', 'pages', 'page-number', 'total-only', 'top-level', 'none'])
    .default('laravel')
    .describe("Names of the paging fields; top-level puts Laravel's beside data; none gives none at all"),
  beyondLastPage: z.enum(['empty', 'repeat']).default('empty').describe('What a page behind the last one holds'),
  perPage: z.int().min(1).max(100).default(25).describe('Rows a page where the caller does not ask'),
  trunkIdentity: z.enum(['both', 'id', 'uuid']).default('both').describe('Which identifiers a trunk row carries'),
  createdTrunkIdentity: z
    .enum(['both', 'uuid'])
    .default('both')
    .describe("Which identifiers the answer to a trunk's creation carries"),
  trunkStatus: z
    .enum(['registered', 'active', 'unknown'])
    .default('registered')
    .describe("Words for a trunk's status: registered/offline, active/inactive, or words that nobody knows"),
  ratesAs: z.enum(['number', 'string']).default('number').describe('JSON type of rates, in cents; units never vary'),
  balanceAs: z.enum(['string', 'number']).default('string').describe('JSON type of the balance, in euros'),
  amountsAs: z.enum(['string', 'number']).default('string').describe('JSON type of amounts of transactions, in euros'),
  messageCostAs: z
    .enum(['number', 'string'])
    .default('number')
    .describe('JSON type of the cost of a message, in euros'),
  timestamps: z
    .enum(['z', 'offset', 'milliseconds', 'microseconds', 'fraction-offset'])
    .default('z')
    .describe('Spelling of times: …Z, …+00:00, with milliseconds or microseconds'),
  errors: z
    .enum(['object', 'string', 'laravel', 'message', 'empty'])
    .default('object')
    .describe("Shape of an error's body"),
  rateLimitHeaders: z
    .enum(['laravel', 'all', 'absent'])
    .default('laravel')
    .describe('laravel: limit and remaining always, reset when refused; all: the three always'),
  retryAfter: z.enum(['seconds', 'date', 'absent']).default('seconds').describe('Retry-After of a refused call'),
  rateLimitWindow: z
    .enum(['fixed', 'sliding'])
    .default('fixed')
    .describe("Laravel's throttle counts in a fixed window that the first call opens"),
  signature: z.enum(['hex', 'base64']).default('hex').describe('Encoding of the signature of events'),
  signaturePrefix: z.boolean().default(false).describe('Whether "sha256=" stands before it'),
  eventTrunk: z.enum(['present', 'null']).default('present').describe('Whether events name the trunk'),
  requiresRegulatory: z
    .enum(['data', 'top', 'item', 'absent'])
    .default('data')
    .describe("Where the checkout's answer carries requires_regulatory"),
  unknownEnums: z
    .boolean()
    .default(false)
    .describe('Number types, statuses and transaction kinds that are in no documentation'),
  extraFields: z.boolean().default(false).describe('Fields on each resource that are in no documentation'),
  missingFields: z
    .array(z.string())
    .default([])
    .describe(
      'Fields left out: city, or of one resource only, trunk.username. Required ones too, to provoke a refusal',
    ),
  nullFields: z.array(z.string()).default([]).describe('Fields that are null, named likewise'),
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
