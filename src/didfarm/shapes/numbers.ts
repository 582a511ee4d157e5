import { z } from 'zod';
import type { Answer } from './answer.ts';
import { centsAsEuros, optionalFlag, optionalText, requiredText } from './fields.ts';
import { type Page, readPage } from './page.ts';

/** A number on sale (Connect guide, "Search Available Numbers"). Rates are decimal EUR. */
export interface AvailableNumber {
  readonly number: string;
  readonly country: string;
  readonly rawType: string;
  readonly city: string | null;
  readonly monthlyRate: string;
  readonly setupFee: string;
  readonly smsEnabled: boolean;
  readonly requiresRegulatory: boolean;
}

export type SearchPage = Page<AvailableNumber>;

const availableNumber = z
  .object({
    number: requiredText,
    country: requiredText,
    type: requiredText,
    city: optionalText,
    monthly_rate: centsAsEuros,
    setup_fee: centsAsEuros,
    sms_enabled: optionalFlag,
    requires_regulatory: optionalFlag,
  })
  .transform(
    (row): AvailableNumber => ({
      number: row.number,
      country: row.country,
      rawType: row.type,
      city: row.city,
      monthlyRate: row.monthly_rate,
      setupFee: row.setup_fee,
      smsEnabled: row.sms_enabled ?? false,
      requiresRegulatory: row.requires_regulatory ?? false,
    }),
  );

export const readSearchPage = (answer: Answer): SearchPage => readPage(answer, availableNumber);
