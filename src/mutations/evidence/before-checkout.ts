import Big from 'big.js';
import type { Account } from '../../account.ts';
import type { SearchPage } from '../../didfarm/client.ts';
import { decimal } from '../../graph/money.ts';
import type { NumberType } from '../../numbers/numbers.ts';
import { readMirror } from '../../wallet/mirror-state.ts';
import { debitsBefore } from './debits.ts';

export interface ItemToBuy {
  readonly e164: string;
  readonly country: string;
  readonly type: NumberType;
}

/** What is known just before a checkout is sent, by which its trace is told from what was there. */
export interface CheckoutEvidence {
  /** E.164. */
  readonly numbers: readonly string[];
  readonly items: readonly ItemToBuy[];
  /** What the order will cost in EUR, where the searches told it of every number. */
  readonly total: string | null;
  /** The debits known, and the orders that the numbers came from before. */
  readonly debits: readonly string[];
  readonly orders: readonly number[];
  /** Where the mirror of transactions has holes: what each of them reaches down to. */
  readonly holes: readonly (string | null)[];
}

/** So many of the latest pages of search results are looked through for prices. */
const searchPages = 20;

export async function beforeCheckout(account: Account, items: readonly ItemToBuy[]): Promise<CheckoutEvidence> {
  const mirror = await readMirror(account.storage.db, account.id);
  const numbers = items.map(({ e164 }) => e164);
  const former = await account.storage.db
    .selectFrom('numbers')
    .select('order_id')
    .where('account', '=', account.id)
    .where('e164', 'in', numbers)
    .execute();
  return {
    numbers,
    items,
    total: await priceOf(account, items),
    debits: await debitsBefore(account),
    orders: former.flatMap(({ order_id }) => order_id ?? []),
    holes: mirror?.holes.map(({ until }) => until) ?? [],
  };
}

async function priceOf(account: Account, items: readonly ItemToBuy[]): Promise<string | null> {
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
  const offers = pages.flatMap(({ body }) => (JSON.parse(body ?? 'null') as SearchPage).items);
  const found = items.map(({ e164 }) => offers.find(({ number }) => number === e164));
  let total = new Big(0);
  for (const offer of found) {
    if (offer === undefined) return null;
    total = total.plus(offer.monthlyRate).plus(offer.setupFee);
  }
  return decimal(total);
}
