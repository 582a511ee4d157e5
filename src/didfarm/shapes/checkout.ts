import { z } from 'zod';
import { type Answer, isRecord, readAnswer } from './answer.ts';
import {
  optionalCentsAsEuros,
  optionalFlag,
  optionalText,
  optionalTime,
  optionalWhole,
  requiredWhole,
} from './fields.ts';

/** A number to buy (Connect guide, "Purchase a Number"). */
export interface CheckoutItem {
  readonly number: string;
  readonly country: string;
  readonly type: string;
}

/** A number that was bought. Only `didNumberId` is published; rates are decimal EUR. */
export interface BoughtNumber {
  readonly number: string | null;
  readonly didNumberId: number | null;
  readonly country: string | null;
  readonly rawType: string | null;
  readonly city: string | null;
  readonly monthlyRate: string | null;
  readonly setupFee: string | null;
  readonly smsEnabled: boolean | null;
  readonly status: string | null;
  readonly requiresRegulatory: boolean | null;
}

/** What a checkout bought. Only the order's id is demanded: whatever else is missing, the money is spent and the order exists. */
export interface CheckoutAnswer {
  readonly orderId: number;
  readonly items: readonly BoughtNumber[];
  /** Of any of the numbers: the guide does not say where the flag stands. Null where it stands nowhere. */
  readonly requiresRegulatory: boolean | null;
  readonly createdAt: number | null;
}

const boughtNumber = z
  .object({
    number: optionalText,
    did_number_id: optionalWhole,
    id: optionalWhole,
    country: optionalText,
    type: optionalText,
    city: optionalText,
    monthly_rate: optionalCentsAsEuros,
    setup_fee: optionalCentsAsEuros,
    sms_enabled: optionalFlag,
    status: optionalText,
    requires_regulatory: optionalFlag,
  })
  .transform(
    (row): BoughtNumber => ({
      number: row.number,
      didNumberId: row.did_number_id ?? row.id,
      country: row.country,
      rawType: row.type,
      city: row.city,
      monthlyRate: row.monthly_rate,
      setupFee: row.setup_fee,
      smsEnabled: row.sms_enabled,
      status: row.status,
      requiresRegulatory: row.requires_regulatory,
    }),
  );

const order = z.object({
  order_id: requiredWhole,
  items: z.array(boughtNumber).nullish().catch(null),
  requires_regulatory: optionalFlag,
  created_at: optionalTime,
});

const flagged = z.object({ requires_regulatory: optionalFlag });

export function readCheckout(answer: Answer): CheckoutAnswer {
  const body = readAnswer(answer, order);
  const items = body.items ?? [];
  const beside = isRecord(answer.json) ? flagged.parse(answer.json).requires_regulatory : null;
  const flags = [beside, body.requires_regulatory, ...items.map((item) => item.requiresRegulatory)];
  return {
    orderId: body.order_id,
    items,
    createdAt: body.created_at,
    requiresRegulatory: flags.includes(true) || (flags.includes(false) ? false : null),
  };
}
