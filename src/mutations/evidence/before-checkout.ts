import Big from 'big.js';
import type { Account } from '../../account.ts';
import type { SearchPage } from '../../didfarm/client.ts';
import { decimal } from '../../graph/money.ts';
import type { NumberType } from '../../numbers/numbers.ts';
import { readMirror } from '../../wallet/mirror-state.ts';

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
  /** The newest transaction known, and its moment by DIDfarm's clock. */
  readonly newest: string | null;
  readonly since: number | null;
  /** Where the mirror of transactions has holes: what each of them reaches down to. */
  readonly holes: readonly (string | null)[];
}

/** So many of the latest pages of search results are looked through for prices. */
const searchPages = 20;

export async function beforeCheckout(account: Account, items: readonly ItemToBuy[]): Promise<CheckoutEvidence> {
  const mirror = await readMirror(account.storage.db, account.id);
  const newest = await account.storage.db
    .selectFrom('transactions')
    .select(['transaction_id', 'created_at'])
    .where('account', '=', account.id)
    .orderBy('sort_at', 'desc')
    .orderBy('transaction_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return {
    numbers: items.map(({ e164 }) => e164),
    items,
    total: await priceOf(account, items),
    newest: newest?.transaction_id ?? null,
    since: newest?.created_at ?? null,
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
