import Big from 'big.js';
import { LRUCache } from 'lru-cache';
import { seenByAll } from './access.ts';
import { builder } from './builder.ts';
import { badInput } from './errors.ts';

/** An exact amount. `amount` is a decimal string, negative where money left. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

/** Whole 10^-8 parts, as sums in SQL give them, to a decimal string with at least two places. */
export function fromE8(parts: bigint): string {
  return decimal(new Big(parts.toString()).div(1e8));
}

/** A decimal string with at least two places: "1.5" becomes "1.50", "0.008" stays. */
export function decimal(value: Big): string {
  const text = value.toFixed();
  const places = text.split('.')[1]?.length ?? 0;
  return places >= 2 ? text : value.toFixed(2);
}

/** EUR, DIDfarm's only published currency; null stays null. */
export function euros(amount: string): Money;
export function euros(amount: string | null): Money | null;
export function euros(amount: string | null): Money | null {
  return amount === null ? null : { amount, currency: 'EUR' };
}

/** A formatter costs a hundred times what it formats. */
const formats = new LRUCache<string, Intl.NumberFormat>({ max: 200 });

function formatOf(locale: string, currency: string): Intl.NumberFormat {
  const key = `${currency} ${locale}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const options = { style: 'currency', currency, minimumFractionDigits: 2, maximumFractionDigits: 8 } as const;
  const made = new Intl.NumberFormat(locale, options);
  formats.set(key, made);
  return made;
}

function format({ amount, currency }: Money, locale: string): string {
  try {
    return formatOf(locale, currency).format(amount as Intl.StringNumericLiteral);
  } catch (error) {
    if (!isLocale(locale)) throw badInput(`"locale" takes a BCP 47 tag such as "nl-NL".`, 'locale');
    throw error;
  }
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

export const MoneyRef = builder.objectRef<Money>('Money').implement({
  ...seenByAll,
  description: 'An exact amount of money.',
  fields: (t) => ({
    amount: t.expose('amount', {
      type: 'Decimal',
      nullable: false,
      description: 'In units of the currency (euros, not cents), exact.',
    }),
    currency: t.expose('currency', { type: 'CurrencyCode', nullable: false, description: 'ISO 4217.' }),
    formatted: t.string({
      nullable: false,
      description: 'For display, such as "€1.50"; parts of a cent are kept.',
      args: {
        locale: t.arg.string({ defaultValue: 'en', description: 'A BCP 47 language tag, such as "nl-NL".' }),
      },
      resolve: (money, { locale }) => format(money, locale ?? 'en'),
    }),
  }),
});
