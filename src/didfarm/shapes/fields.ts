import { z } from 'zod';
import { eurosFromCents, eurosFromEuros } from '../money.ts';

const textOrNumber = z.union([z.string(), z.number()]);
const rfc3339 = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/i;

/** The graph's Int: ids, pages and counts beyond it cannot be told to anybody. */
export const largestWhole = 2_147_483_647;

/** Identities are keys of tables and indexes, which take no text of any length. */
const longestIdentity = 255;

/** PostgreSQL holds no NUL in a text. */
const text = textOrNumber.transform((value) => String(value).replaceAll('\0', ''));

/** A field that must be there, as text: DIDfarm may write an identity as a number. */
export const requiredText = text.pipe(z.string().min(1));

/** A field that may be missing, null or of an unexpected type: then it is null. */
export const optionalText = text
  .nullish()
  .catch(null)
  .transform((value) => value || null);

/** What something is known by; null where it is missing or longer than any identity. */
export const optionalIdentity = optionalText.transform((value) =>
  value !== null && value.length <= longestIdentity ? value : null,
);

/** A whole number from 0 to the largest of the graph, written as such or as a string. */
export const requiredWhole = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .refine((whole) => whole >= 0 && whole <= largestWhole, `no whole number from 0 to ${largestWhole}`);

export const optionalWhole = requiredWhole
  .nullish()
  .catch(null)
  .transform((whole) => whole ?? null);

/** A flag that may be missing: null then. */
export const optionalFlag = z
  .union([
    z.boolean(),
    z.literal([1, '1', 'true']).transform(() => true),
    z.literal([0, '0', 'false']).transform(() => false),
  ])
  .nullish()
  .catch(null)
  .transform((flag) => flag ?? null);

/** Epoch milliseconds of `…Z`, `…+00:00`, with fractions or without; a time without a zone is UTC. Null where it is missing or no time. */
export const optionalTime = z
  .string()
  .nullish()
  .catch(null)
  .transform((text) => {
    if (!text || !rfc3339.test(text) || !isOfCalendar(text.slice(0, 10))) return null;
    const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`;
    const time = Date.parse(zoned.replace(' ', 'T'));
    return Number.isNaN(time) ? null : time;
  });

/** JavaScript takes the 30th of February for the 2nd of March. */
function isOfCalendar(day: string): boolean {
  const time = Date.parse(day);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

/** Decimal EUR of a field that DIDfarm writes in cents. */
export const centsAsEuros = money(eurosFromCents);

/** Decimal EUR of a field that DIDfarm writes in euros. */
export const euros = money(eurosFromEuros);

/** Decimal EUR of a field in cents that may be missing. */
export const optionalCentsAsEuros = centsAsEuros
  .nullish()
  .catch(null)
  .transform((amount) => amount ?? null);

/** Decimal EUR of a field in euros that may be missing. */
export const optionalEuros = euros
  .nullish()
  .catch(null)
  .transform((amount) => amount ?? null);

/** The currency beside an amount, by ISO 4217: EUR where DIDfarm leaves it out. */
export const currency = optionalText
  .transform((code) => code?.toUpperCase() ?? 'EUR')
  .refine((code) => /^[A-Z]{3}$/.test(code), 'no currency');

/** The currency beside an amount that may be missing: null where it is none, as then the amount says nothing either. */
export const optionalCurrency = currency.nullable().catch(null);

function money(read: (value: string | number) => string | null) {
  return textOrNumber.transform((value, context) => {
    const amount = read(value);
    if (amount !== null) return amount;
    context.addIssue({ code: 'custom', message: 'not an amount' });
    return z.NEVER;
  });
}
