import { CountryCodeResolver } from 'graphql-scalars';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { z } from 'zod';
import { largestWhole } from '../didfarm/shapes/fields.ts';
import type { NumberStatus, RegulatoryStatus } from './numbers.ts';

const statuses = ['PROVISIONING', 'ACTIVE', 'SUSPENDED', 'RELEASED'] as const satisfies readonly NumberStatus[];
const regulatoryStatuses = [
  'NOT_REQUIRED',
  'REQUIRED',
  'SUBMITTED',
  'APPROVED',
  'REJECTED',
] as const satisfies readonly RegulatoryStatus[];

const types = ['local', 'national', 'mobile', 'toll-free'];

const phoneNumber = z.string().transform((typed, problem) => {
  const number = parsePhoneNumberFromString(typed);
  if (number?.isValid()) return number.number as string;
  problem.addIssue(`${JSON.stringify(typed)} is no valid phone number; write it in E.164, such as +31201234567`);
  return z.NEVER;
});

const country = z.string().transform((typed, problem) => {
  try {
    return String(CountryCodeResolver.parseValue(typed.toUpperCase()));
  } catch {
    problem.addIssue(`${JSON.stringify(typed)} is no country in ISO 3166-1 alpha-2, such as NL`);
    return z.NEVER;
  }
});

const type = z.string().transform((typed, problem) => {
  const word = typed.toLowerCase().replace(/[_ ]/g, '-');
  if (types.includes(word)) return word;
  problem.addIssue(`${JSON.stringify(typed)} is none of ${types.join(', ')}`);
  return z.NEVER;
});

const wholeNumber = z
  .string()
  .regex(/^\d+$/, 'is a whole number, such as 42')
  .transform(Number)
  .refine((whole) => whole <= largestWhole, `is at most ${largestWhole}`);

const yesOrNo = z.stringbool({ error: 'is true or false' });

/** One of several words, in any case and with `-` or a space for `_`. */
function word<const W extends string>(words: readonly W[]) {
  return z
    .string()
    .transform((typed) => typed.toUpperCase().replace(/[- ]/g, '_'))
    .pipe(z.enum(words, `is one of ${words.map((each) => each.toLowerCase()).join(', ')}`));
}

/**
 * A row of the portal's list of numbers, every column but the number optional. Money is in EUR cents, as in DIDfarm's search answer.
 */
export const portalRow = z.object({
  e164: phoneNumber,
  did_number_id: wholeNumber.optional(),
  country: country.optional(),
  type: type.optional(),
  city: z.string().max(200, 'is at most 200 characters').optional(),
  sms_enabled: yesOrNo.optional(),
  trunk_uuid: z
    .string()
    .regex(/^[\w-]{1,100}$/, "is a trunk's uuid, such as trk_a1b2c3d4")
    .optional(),
  status: word(statuses).optional(),
  monthly_rate_cents: wholeNumber.optional(),
  setup_fee_cents: wholeNumber.optional(),
  order_id: wholeNumber.optional(),
  activated_at: z.iso
    .datetime({ offset: true, error: 'is a moment in RFC 3339, such as 2026-04-05T14:30:00Z' })
    .transform((text) => Date.parse(text))
    .optional(),
  regulatory_status: word(regulatoryStatuses).optional(),
});

export type PortalRow = z.infer<typeof portalRow>;

/** The columns that are read, in the order of an example file. */
export const portalColumns = Object.keys(portalRow.shape);
