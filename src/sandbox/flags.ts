import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { SandboxOptions } from './options.ts';
import { type Variants, variantsSchema } from './variants.ts';

/** What the command line asks for. */
export interface SandboxFlags {
  readonly host: string;
  readonly port: number;
  readonly options: SandboxOptions;
}

const own = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '4010' },
  seed: { type: 'string' },
  trunks: { type: 'string' },
  numbers: { type: 'string' },
  transactions: { type: 'string' },
  available: { type: 'string' },
  balance: { type: 'string' },
  'api-key': { type: 'string' },
  'rate-limit': { type: 'string' },
  'webhook-url': { type: 'string' },
  'webhook-secret': { type: 'string' },
  lively: { type: 'boolean', default: false },
} as const;

const defaults = variantsSchema.parse({});
const toFlag = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const variantFlags = Object.entries(defaults).map(([name, value]) => ({ name, flag: toFlag(name), value }));
const variantOptions = Object.fromEntries(
  variantFlags.map(({ flag }) => [flag, { type: 'string', multiple: true } as const]),
);

/** All flags with their defaults, a line each. */
export const flagLines: readonly string[] = [
  ...Object.keys(own).map((flag) => `--${flag}`),
  ...variantFlags.map(({ flag, value }) => `--${flag} (${String(value) || 'none'})`),
];

function toVariant(given: readonly string[], like: unknown): unknown {
  const last = given.at(-1);
  if (Array.isArray(like)) return given;
  if (typeof like === 'number') return Number(last);
  if (typeof like !== 'boolean') return last;
  return last === 'true' || (last === 'false' ? false : last);
}

function readVariants(values: Readonly<Record<string, unknown>>): Partial<Variants> {
  const given = z.array(z.string());
  const named = variantFlags.filter(({ flag }) => values[flag] !== undefined);
  return Object.fromEntries(named.map(({ name, flag, value }) => [name, toVariant(given.parse(values[flag]), value)]));
}

/**
 * Reads the flags of `npm run sandbox`. Each variant is one: `--envelope bare`, `--extra-fields true`,
 * `--missing-fields trunk.id`. Throws a TypeError for an unknown flag, a RangeError for a size that is no number.
 */
export function readFlags(argv: readonly string[]): SandboxFlags {
  const parsed = parseArgs({ args: [...argv], options: { ...variantOptions, ...own } });
  const { lively, ...values }: Readonly<Record<string, unknown>> = parsed.values;
  const text = (name: keyof typeof own) => z.string().optional().parse(values[name]);
  const number = (name: keyof typeof own) => {
    const value = text(name);
    if (value !== undefined && !/^\d+$/.test(value)) {
      throw new RangeError(`--${name} must be a whole number, not ${value}`);
    }
    return value === undefined ? undefined : Number(value);
  };
  const url = text('webhook-url');
  return {
    host: text('host') ?? own.host.default,
    port: number('port') ?? 0,
    options: {
      seed: number('seed'),
      trunks: number('trunks'),
      numbers: number('numbers'),
      transactions: number('transactions'),
      available: number('available'),
      balance: text('balance'),
      apiKey: text('api-key'),
      rateLimit: text('rate-limit') === 'none' ? null : number('rate-limit'),
      webhook: url === undefined ? undefined : { url, secret: text('webhook-secret') },
      lively: lively === true,
      variants: readVariants(values),
    },
  };
}
