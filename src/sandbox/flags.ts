import { parseArgs } from 'node:util';
import { z } from 'zod';
import { planAccount, type SandboxOptions } from './options.ts';
import { type Variants, variantsSchema } from './variants.ts';

/** What the command line asks for. */
export interface SandboxFlags {
  readonly host: string;
  readonly port: number;
  readonly options: SandboxOptions;
}

const world = planAccount({});

/** Flags beside the variants; `takes` and `is` are for `--help`, and so is a default that stands elsewhere. */
const own = {
  host: { type: 'string', default: '127.0.0.1', takes: 'ADDRESS', is: 'Where it listens' },
  port: { type: 'string', default: '4010', takes: 'NUMBER', is: 'Its port; 0 takes any that is free' },
  seed: { type: 'string', takes: 'NUMBER', is: 'Another one makes another world', otherwise: world.seed },
  trunks: { type: 'string', takes: 'NUMBER', is: 'SIP trunks', otherwise: world.trunks },
  numbers: { type: 'string', takes: 'NUMBER', is: 'Numbers owned', otherwise: world.numbers },
  transactions: { type: 'string', takes: 'NUMBER', is: "Rows of the wallet's history", otherwise: world.transactions },
  available: { type: 'string', takes: 'NUMBER', is: 'Numbers for sale in each range', otherwise: world.available },
  balance: { type: 'string', takes: 'EUROS', is: "The wallet's balance", otherwise: world.balance },
  'api-key': { type: 'string', takes: 'KEY', is: 'The key that is let in', otherwise: world.apiKey },
  'rate-limit': { type: 'string', takes: 'NUMBER|none', is: 'Calls a minute', otherwise: 60 },
  'webhook-url': { type: 'string', takes: 'URL', is: 'Where events are delivered', otherwise: 'nowhere' },
  'webhook-secret': { type: 'string', takes: 'TEXT', is: 'What they are signed with', otherwise: world.webhookSecret },
  lively: {
    type: 'boolean',
    default: false,
    takes: '',
    is: 'Trunks drop and return, texts arrive and numbers activate',
  },
} as const;

const defaults = variantsSchema.parse({});
const toFlag = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const variantFlags = Object.entries(defaults).map(([name, value]) => ({ name, flag: toFlag(name), value }));
const variantOptions = Object.fromEntries(
  variantFlags.map(({ flag }) => [flag, { type: 'string', multiple: true } as const]),
);

const jsonSchema = z.object({
  properties: z.record(
    z.string(),
    z.object({ description: z.string(), type: z.string(), enum: z.array(z.string()).optional() }),
  ),
});
const { properties } = jsonSchema.parse(z.toJSONSchema(variantsSchema));

function valuesOf(name: string): string {
  const { type, enum: words } = properties[name] ?? {};
  if (type === 'array') return 'FIELD, repeatable';
  return words?.join('|') ?? (type === 'boolean' ? 'true|false' : 'NUMBER');
}

/** All flags with the values they take, their meaning and their defaults. */
export const flagLines: readonly string[] = [
  ...Object.entries(own).map(([flag, { takes, is, ...rest }]) =>
    helpOf(flag, takes, is, 'otherwise' in rest ? rest.otherwise : rest.default),
  ),
  '',
  'Where the guide leaves open how DIDfarm answers:',
  ...variantFlags.map(({ name, flag, value }) =>
    helpOf(flag, valuesOf(name), properties[name]?.description ?? '', String(value) || 'none'),
  ),
];

function helpOf(flag: string, takes: string, is: string, otherwise: unknown): string {
  return `--${flag} ${takes}`.trimEnd().concat(`\n    ${is}. Default: ${otherwise}`);
}

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
