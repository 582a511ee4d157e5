import { hash } from '../random.ts';

/** The four kinds of numbers that DIDfarm sells. */
export type NumberType = 'local' | 'national' | 'mobile' | 'toll-free';

/** A range of numbers with the same country, type, city and price. Rates are EUR cents. */
export interface Block {
  readonly country: string;
  readonly type: NumberType;
  readonly city: string | null;
  /** E.164 up to the digits that vary. */
  readonly prefix: string;
  readonly digits: number;
  readonly monthlyRateCents: number;
  readonly setupFeeCents: number;
  readonly smsEnabled: boolean;
  readonly regulatory: boolean;
}

type Row = [
  country: string,
  type: NumberType,
  city: string | null,
  prefix: string,
  monthly: number,
  setup: number,
  marks: string,
];

/** `s` is SMS, `r` is regulatory documents required. */
const rows: readonly Row[] = [
  ['NL', 'local', 'Amsterdam', '+31201', 150, 0, 'r'],
  ['NL', 'local', 'Rotterdam', '+31102', 150, 0, 'r'],
  ['NL', 'local', 'Utrecht', '+31302', 150, 0, 'r'],
  ['NL', 'national', null, '+31858', 175, 0, 'r'],
  ['NL', 'mobile', null, '+31612', 450, 500, 's'],
  ['NL', 'toll-free', null, '+318002', 1250, 1000, 'r'],
  ['DE', 'local', 'Berlin', '+493055', 165, 0, 'r'],
  ['DE', 'local', 'Munich', '+498954', 165, 0, 'r'],
  ['DE', 'national', null, '+4932221', 210, 0, 'r'],
  ['DE', 'mobile', null, '+4915112', 650, 500, 'sr'],
  ['DE', 'toll-free', null, '+498001', 1490, 1500, 'r'],
  ['BE', 'local', 'Brussels', '+3225', 160, 0, 'r'],
  ['BE', 'local', 'Antwerp', '+3232', 160, 0, 'r'],
  ['BE', 'national', null, '+327815', 225, 250, 'r'],
  ['BE', 'mobile', null, '+32471', 520, 500, 's'],
  ['BE', 'toll-free', null, '+328007', 1350, 1000, 'r'],
  ['GB', 'local', 'London', '+442079', 120, 0, ''],
  ['GB', 'local', 'Manchester', '+441614', 120, 0, ''],
  ['GB', 'national', null, '+443301', 140, 0, ''],
  ['GB', 'mobile', null, '+447400', 290, 0, 's'],
  ['GB', 'toll-free', null, '+448001', 780, 250, ''],
  ['FR', 'local', 'Paris', '+33142', 155, 0, 'r'],
  ['FR', 'local', 'Lyon', '+33478', 155, 0, 'r'],
  ['FR', 'national', null, '+33972', 165, 0, 'r'],
  ['FR', 'mobile', null, '+33612', 690, 500, 'sr'],
  ['FR', 'toll-free', null, '+33800', 1420, 1000, 'r'],
  ['US', 'local', 'New York', '+12125', 95, 0, 's'],
  ['US', 'local', 'San Francisco', '+14155', 95, 0, 's'],
  ['US', 'mobile', 'New York', '+19175', 110, 0, 's'],
  ['US', 'toll-free', null, '+18885', 210, 0, 's'],
];

/** Belgian service numbers are short. */
const fewerDigits = new Map([
  ['+327815', 4],
  ['+328007', 4],
]);

const toBlock = ([country, type, city, prefix, monthly, setup, marks]: Row): Block => ({
  country,
  type,
  city,
  prefix,
  digits: fewerDigits.get(prefix) ?? 6,
  monthlyRateCents: monthly,
  setupFeeCents: setup,
  smsEnabled: marks.includes('s'),
  regulatory: marks.includes('r'),
});

/** All ranges of numbers, of six countries and four types. */
export const blocks: readonly Block[] = rows.map(toBlock);

/** Neighbouring indexes lie in different countries: 7 shares no divisor with the number of blocks. */
const stride = 7;

/** The block of the n-th number of an account: numbers go round through all blocks. */
export function blockOf(index: number): Block {
  const block = blocks[(index * stride) % blocks.length];
  if (!block) throw new RangeError(`no block for index ${index}`);
  return block;
}

/** Spreads neighbours through a block. It shares no divisor with 10, so that it can be undone; see `placeOf`. */
const spread = 7919;

const inverse = (modulus: number): number => {
  for (let n = 1; n < spread; n++) if ((n * modulus + 1) % spread === 0) return (n * modulus + 1) / spread;
  throw new RangeError(`${spread} has no inverse modulo ${modulus}`);
};

/** Numbers for sale lie behind those that an account owns from the start. */
export const firstForSale = 5_000;

/** The guide's own example is the first Amsterdam number for sale, whatever the seed. */
function baseOf(block: Block, seed: number): number {
  return block.city === 'Amsterdam' ? 234_567 - firstForSale * spread : hash(seed, 'block', block.prefix) % 10_000;
}

const modulo = (value: number, modulus: number) => ((value % modulus) + modulus) % modulus;

/** The E.164 number at a place in a block. */
export function numberAt(block: Block, place: number, seed: number): string {
  const value = modulo(baseOf(block, seed) + place * spread, 10 ** block.digits);
  return block.prefix + String(value).padStart(block.digits, '0');
}

/** Undoes `numberAt`: the block and place of an E.164 number, or undefined where it lies in no block. */
export function placeOf(e164: string, seed: number): { block: Block; place: number } | undefined {
  const block = blocks.find((b) => e164.startsWith(b.prefix) && e164.length === b.prefix.length + b.digits);
  if (!block || !/^\+\d+$/.test(e164)) return undefined;
  const modulus = 10 ** block.digits;
  const offset = modulo(Number(e164.slice(block.prefix.length)) - baseOf(block, seed), modulus);
  return { block, place: modulo(offset * inverse(modulus), modulus) };
}

/** The account's n-th number; the inverse is `indexOf`. */
export function ownedNumberAt(index: number, seed: number): string {
  return numberAt(blockOf(index), Math.floor(index / blocks.length), seed);
}

/** Undoes `ownedNumberAt`, whether or not the account owns so many. */
export function indexOf(e164: string, seed: number): number | undefined {
  const found = placeOf(e164, seed);
  if (!found) return undefined;
  const first = blocks.findIndex((_, i) => blockOf(i) === found.block);
  return found.place * blocks.length + first;
}
