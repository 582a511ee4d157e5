import type { Account } from './account.ts';
import type { OwnedNumber } from './numbers.ts';

const columns = [
  'e164',
  'did_number_id',
  'country',
  'type',
  'city',
  'sms_enabled',
  'trunk_uuid',
  'status',
  'monthly_rate_cents',
  'setup_fee_cents',
  'order_id',
  'activated_at',
  'regulatory_status',
] as const;

const quote = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** The account's numbers as the portal's list, for a system that has to learn what was bought before it. */
export function numbersCsv({ numbers, trunks }: Account): string {
  const toLine = (number: OwnedNumber) => {
    const cells: Record<(typeof columns)[number], string | number | boolean | null | undefined> = {
      e164: number.e164,
      did_number_id: number.id,
      country: number.country,
      type: number.type,
      city: number.city,
      sms_enabled: number.smsEnabled,
      trunk_uuid: trunks.byId(number.trunkId ?? 0)?.uuid,
      status: number.status,
      monthly_rate_cents: number.monthlyRateCents,
      setup_fee_cents: number.setupFeeCents,
      order_id: number.orderId,
      activated_at: number.activatedAt === null ? null : new Date(number.activatedAt).toISOString(),
      regulatory_status: number.regulatoryStatus,
    };
    return columns.map((column) => quote(String(cells[column] ?? ''))).join(',');
  };
  return `${[columns.join(','), ...numbers.all().map(toLine)].join('\n')}\n`;
}
