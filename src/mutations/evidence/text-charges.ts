import Big from 'big.js';
import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import { clockTolerance } from '../../operations/evidence.ts';
import type { MessageRow, Tables, TransactionRow } from '../../storage/tables.ts';

/** How far DIDfarm's date of a text is from that of its charge. Milliseconds. */
const precision = 60_000;

/** So many of the newest texts, and transactions, tell what a segment costs. */
const newest = 500;

export function isText({ kind }: TransactionRow): boolean {
  return /sms|message|text/i.test(kind ?? '');
}

/** The charges of the texts that are known around a moment, with their texts' ids. Both dates are DIDfarm's, whatever the gateway's clock says. */
export async function chargesOfTexts(
  trx: Transaction<Tables>,
  account: Account,
  around: number,
): Promise<ReadonlyMap<string, string>> {
  const [since, until] = [around - 3 * clockTolerance, around + 3 * clockTolerance];
  const texts = await trx
    .selectFrom('messages')
    .select(['message_id', 'e164', 'at', 'cost'])
    .where('account', '=', account.id)
    .where('direction', '=', 'OUTBOUND')
    .where('at', '>=', since)
    .where('at', '<=', until)
    .orderBy('at')
    .execute();
  if (texts.length === 0) return new Map();
  const booked = await trx
    .selectFrom('transactions')
    .selectAll()
    .where('account', '=', account.id)
    .where('amount_e8', '<', 0)
    .where('sort_at', '>=', since - precision)
    .where('sort_at', '<=', until + precision)
    .orderBy('sort_at')
    .orderBy('transaction_id')
    .execute();
  const charges = Map.groupBy(booked.filter(isText), ({ e164 }) => e164);
  const explained = new Map<string, string>();
  // The earliest that fits leaves the most for the others; a text without a cost may be any of them, so those that have one come first.
  for (const text of [...texts.filter(({ cost }) => cost !== null), ...texts.filter(({ cost }) => cost === null)]) {
    const own = charges.get(text.e164) ?? [];
    const place = own.findIndex((row) => mayBeOf(row, text));
    const [charge] = place < 0 ? [] : own.splice(place, 1);
    if (charge !== undefined) explained.set(charge.transaction_id, text.message_id);
  }
  return explained;
}

function mayBeOf({ sort_at, amount }: TransactionRow, { at, cost }: Pick<MessageRow, 'at' | 'cost'>): boolean {
  return Math.abs(sort_at - at) <= precision && (cost === null || new Big(amount).abs().eq(cost));
}

/** What segments cost, as the newest texts tell whose price is known. EUR. */
export async function pricesOfSegment(trx: Transaction<Tables>, account: Account): Promise<Big[]> {
  const texts = await trx
    .selectFrom('messages')
    .select(['cost', 'segments'])
    .where('account', '=', account.id)
    .where('direction', '=', 'OUTBOUND')
    .where('cost', 'is not', null)
    .where('segments', '>', 0)
    .orderBy('at', 'desc')
    .limit(newest)
    .execute();
  const prices = texts.map(({ cost, segments }) => new Big(cost ?? 0).div(segments ?? 1));
  return [...new Map(prices.map((price) => [price.toFixed(), price])).values()];
}

/** Whether a charge may be that of so many segments: at a known price, or at one of which the least charge known is a multiple. */
export async function fitsSegments(
  trx: Transaction<Tables>,
  account: Account,
  charge: TransactionRow,
  segments: number,
): Promise<boolean> {
  const price = new Big(charge.amount).abs().div(segments);
  const known = await pricesOfSegment(trx, account);
  if (known.length > 0) return known.some((each) => each.eq(price));
  const rows = await trx
    .selectFrom('transactions')
    .selectAll()
    .where('account', '=', account.id)
    .where('amount_e8', '<', 0)
    .where('transaction_id', '<>', charge.transaction_id)
    .orderBy('sort_at', 'desc')
    .limit(newest)
    .execute();
  const amounts = rows.filter(isText).map(({ amount }) => new Big(amount).abs());
  const least = amounts.reduce<Big | null>((low, each) => (low === null || each.lt(low) ? each : low), null);
  return least === null || least.mod(price).eq(0);
}
