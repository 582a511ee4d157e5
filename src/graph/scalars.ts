import Big from 'big.js';
import { GraphQLScalarType } from 'graphql';
import { CountryCodeResolver, CurrencyResolver, DateResolver, DateTimeResolver, JSONResolver } from 'graphql-scalars';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { badInput } from './errors.ts';

function text(value: unknown, scalar: string): string {
  if (typeof value !== 'string') throw badInput(`${scalar} is written as a string.`);
  return value;
}

function parsePhoneNumber(value: unknown): string {
  const typed = text(value, 'PhoneNumber');
  const number = typed.length <= 32 ? parsePhoneNumberFromString(typed) : undefined;
  if (!number?.isValid()) {
    throw badInput(
      `${JSON.stringify(typed.slice(0, 32))} is no valid phone number: write it in E.164, such as "+31201234567".`,
    );
  }
  return number.number;
}

function parseDecimal(value: unknown): string {
  const typed = text(value, 'Decimal');
  if (!/^-?\d{1,20}(\.\d{1,18})?$/.test(typed)) throw badInput('Decimal is written as a string such as "12.50".');
  return new Big(typed).toFixed();
}

/** A wrapped parser whose refusal carries BAD_USER_INPUT, which the library's own do not. */
function refusing<T>(parse: (value: unknown) => T, hint: string): (value: unknown) => T {
  return (value) => {
    try {
      return parse(value);
    } catch {
      throw badInput(`${JSON.stringify(value)?.slice(0, 48)} is no ${hint}.`);
    }
  };
}

/** E.164. Input is normalised ("+31 20 123 4567" becomes "+31201234567") and refused where it is no valid number. */
export const PhoneNumberScalar = new GraphQLScalarType<string, string>({
  name: 'PhoneNumber',
  description:
    'A phone number in E.164, such as "+31201234567". Spaces and punctuation in input are removed; what is no valid number is refused.',
  specifiedByURL: 'https://www.itu.int/rec/T-REC-E.164',
  parseValue: parsePhoneNumber,
});

/** Exact decimals as strings; never a float on the way. */
export const DecimalScalar = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  description: 'An exact decimal number as a string, such as "-1.50". Never a float: parse it with a decimal library.',
  parseValue: parseDecimal,
});

/** RFC 3339 in UTC. */
export const DateTimeScalar = new GraphQLScalarType<Date, Date>({
  name: 'DateTime',
  description: 'A moment in RFC 3339, given in UTC, such as "2026-04-05T14:30:00.000Z". Input may carry any offset.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: DateTimeResolver.serialize,
  parseValue: refusing(
    (value) => DateTimeResolver.parseValue(value),
    'moment in RFC 3339, such as "2026-04-05T14:30:00Z"',
  ),
});

/** A calendar day in UTC, kept as text: it is compared and counted as a day, never as a moment. */
export const DateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  description: 'A calendar day in UTC, such as "2026-04-05".',
  parseValue: refusing((value) => {
    DateResolver.parseValue(value);
    return text(value, 'Date');
  }, 'day, such as "2026-04-05"'),
});

export const CountryCodeScalar = new GraphQLScalarType<string, string>({
  name: 'CountryCode',
  description: 'A country in ISO 3166-1 alpha-2, such as "NL". Lower case in input is raised.',
  parseValue: refusing(
    (value) => String(CountryCodeResolver.parseValue(text(value, 'CountryCode').toUpperCase())),
    'country in ISO 3166-1 alpha-2, such as "NL"',
  ),
});

export const CurrencyCodeScalar = new GraphQLScalarType<string, string>({
  name: 'CurrencyCode',
  description: 'A currency in ISO 4217, such as "EUR".',
  parseValue: refusing((value) => String(CurrencyResolver.parseValue(value)), 'currency in ISO 4217, such as "EUR"'),
});

export const JSONScalar = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value, as DIDfarm sent it.',
  serialize: JSONResolver.serialize,
  parseValue: JSONResolver.parseValue,
  parseLiteral: JSONResolver.parseLiteral,
});
