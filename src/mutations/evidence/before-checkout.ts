import Big from 'big.js';
import type { Account } from '../../account.ts';
import type { AvailableNumber, SearchPage } from '../../didfarm/client.ts';
import { decimal } from '../../graph/money.ts';
import type { NumberType } from '../../numbers/numbers.ts';
import type { Operation } from '../../operations/operation.ts';
import type { NumberRow } from '../../storage/tables.ts';
import { debitsBefore, holesBefore } from './debits.ts';
import { type WalletBefore, walletBefore } from './wallet-before.ts';

export interface ItemToBuy {
  readonly e164: string;
  readonly country: string;
  readonly type: NumberType;
}

/** What the last search said of a number. Money is EUR, decimal. */
export type Offer = Pick<
  AvailableNumber,
  'number' | 'city' | 'monthlyRate' | 'setupFee' | 'smsEnabled' | 'requiresRegulatory'
>;

/** A number that was the account's once, before it was bought again. */
export type FormerNumber = Pick<NumberRow, (typeof formerColumns)[number]>;

/** What is known just before a checkout is sent, by which its trace is told from what was there. */
export interface CheckoutEvidence {
  /** E.164. */
  readonly numbers: readonly string[];
  readonly items: readonly ItemToBuy[];
  /** What the searches told of the numbers; those that no search told of are not in it. */
  readonly offers?: readonly Offer[];
  /** What the order will cost in EUR, where the searches told it of every number. */
  readonly total: string | null;
  /** The wallet; null where it could not be read. */
  readonly wallet?: WalletBefore | null;
  /** The debits known, and the orders that the numbers came from before. */
  readonly debits: readonly string[];
  readonly orders: readonly number[];
  readonly former?: readonly FormerNumber[];
  /** Where the mirror of transactions has holes: what each of them reaches down to. */
  readonly holes: readonly (string | null)[];
}

const formerColumns = ['e164', 'status', 'status_since', 'regulatory_status', 'regulatory_since', 'order_id'] as const;

/** So many of the latest pages of search results are looked through. */
const searchPages = 20;

export async function beforeCheckout(
  { account, onSent }: Pick<Operation, 'account' | 'onSent'>,
  items: readonly ItemToBuy[],
): Promise<CheckoutEvidence> {
  const numbers = items.map(({ e164 }) => e164);
  const former = await account.storage.db
    .selectFrom('numbers')
    .select(formerColumns)
    .where('account', '=', account.id)
    .where('e164', 'in', numbers)
    .execute();
  const offers = await offersOf(account, numbers);
  return {
    numbers,
    items,
    offers,
    total: offers.length < numbers.length ? null : priceOf(offers),
    wallet: await walletBefore(account, onSent),
    debits: await debitsBefore(account),
    orders: former.flatMap(({ order_id }) => order_id ?? []),
    former,
    holes: await holesBefore(account),
  };
}

async function offersOf(account: Account, numbers: readonly string[]): Promise<Offer[]> {
  const pages = await account.storage.db
    .selectFrom('snapshots')
    .select('body')
    .where('account', '=', account.id)
    .where('resource', '>=', 'search?')
    .where('resource', '<', 'search@')
    .where('body', 'is not', null)
    .orderBy('as_of', 'desc')
    .limit(searchPages)
    .execute();
  const found = pages.flatMap(({ body }) => (JSON.parse(body ?? 'null') as SearchPage).items);
  return numbers.flatMap((e164) => {
    const offer = found.find(({ number }) => number === e164);
    if (offer === undefined) return [];
    const { number, city, monthlyRate, setupFee, smsEnabled, requiresRegulatory } = offer;
    return [{ number, city, monthlyRate, setupFee, smsEnabled, requiresRegulatory }];
  });
}

function priceOf(offers: readonly Offer[]): string {
  return decimal(offers.reduce((sum, { monthlyRate, setupFee }) => sum.plus(monthlyRate).plus(setupFee), new Big(0)));
}
