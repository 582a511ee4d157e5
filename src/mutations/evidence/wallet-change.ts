import Big from 'big.js';
import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import type { Balance } from '../../didfarm/client.ts';
import { decimal } from '../../graph/money.ts';
import { clockTolerance } from '../../operations/evidence.ts';
import type { Tables, TransactionRow } from '../../storage/tables.ts';
import { headResource } from '../../wallet/mirror-state.ts';
import { walletPolicy } from '../../wallet/wallet.ts';
import { bookedSince } from './debits.ts';
import type { WalletBefore } from './wallet-before.ts';

/**
 * What the wallet and its transactions say of each other since a balance. `explained`: each cent, and no purchase can hide behind other
 * spending. `ambiguous`: explained, but a purchase of that price could hide. `unexplained`: money is missing or there without a
 * transaction. `unread`: there is nothing to compare.
 */
export type WalletChange =
  | { readonly says: 'explained' | 'ambiguous' }
  | { readonly says: 'unexplained'; readonly finding: string }
  | { readonly says: 'unread'; readonly finding: string };

export interface Purchase {
  readonly wallet: WalletBefore | null;
  /** EUR, decimal; null where it is not known: then any sum may be its price. */
  readonly price: string | null;
  /** Transactions that certainly came after the balance, however they are dated. */
  readonly isLater: (row: TransactionRow) => boolean;
}

/** More sums than these are not told from one another. */
const mostSums = 5_000;

export async function walletChange(
  trx: Transaction<Tables>,
  account: Account,
  { wallet, price, isLater }: Purchase,
): Promise<WalletChange> {
  if (wallet === null) return unread("The wallet's balance could not be read before it was sent");
  const now = await balanceSinceListing(trx, account, wallet.asOf);
  if (now === null) return unread("The wallet's balance could not be read since the transactions were");
  const rows = await bookedSince(trx, account, wallet.asOf - clockTolerance, wallet.counted);
  if ([now, ...rows].some(({ currency }) => currency !== wallet.currency))
    return unread('The wallet and its transactions are in several currencies');
  const [later, perhaps] = split(rows, (row) => isLater(row) || row.sort_at > wallet.asOf + clockTolerance);
  const sums = sumsOf(sum(later), perhaps);
  const change = new Big(now.balance).minus(wallet.balance);
  if (sums === null) return { says: 'ambiguous' };
  if (!sums.has(change.toFixed())) return unexplained(change.minus(sum(rows)), wallet.currency);
  const mayHide = price === null ? [...sums].some((each) => change.lt(each)) : sums.has(change.plus(price).toFixed());
  return { says: mayHide ? 'ambiguous' : 'explained' };
}

/** The balance, where it was read no earlier than the transactions: what they do not show then is shown nowhere. */
async function balanceSinceListing(trx: Transaction<Tables>, account: Account, since: number): Promise<Balance | null> {
  const rows = await trx
    .selectFrom('snapshots')
    .select(['resource', 'body', 'as_of'])
    .where('account', '=', account.id)
    .where('resource', 'in', [walletPolicy.resource, headResource])
    .execute();
  const of = (resource: string) => rows.find((row) => row.resource === resource);
  const [wallet, head] = [of(walletPolicy.resource), of(headResource)];
  if (wallet?.body == null || wallet.as_of === null || head?.as_of == null) return null;
  return wallet.as_of >= head.as_of && wallet.as_of >= since ? (JSON.parse(wallet.body) as Balance) : null;
}

function split<T>(all: readonly T[], first: (each: T) => boolean): [T[], T[]] {
  return [all.filter(first), all.filter((each) => !first(each))];
}

function sum(rows: readonly TransactionRow[]): Big {
  return rows.reduce((total, { amount }) => total.plus(amount), new Big(0));
}

/** What may have been booked: the base, with any of what may have come before or after. Null where there are too many. */
function sumsOf(base: Big, perhaps: readonly TransactionRow[]): ReadonlySet<string> | null {
  const sums = new Set([base.toFixed()]);
  for (const { amount } of perhaps) {
    for (const each of [...sums]) sums.add(new Big(each).plus(amount).toFixed());
    if (sums.size > mostSums) return null;
  }
  return sums;
}

function unread(why: string): WalletChange {
  return { says: 'unread', finding: `${why}: it proves neither that it was done nor that it was not.` };
}

function unexplained(difference: Big, currency: string): WalletChange {
  const amount = `${currency} ${decimal(difference.abs())}`;
  const finding = difference.lt(0)
    ? `The wallet holds ${amount} less than its transactions say: something was bought or charged that no transaction tells yet, or that one tells whose date is far from the gateway's clock.`
    : `The wallet holds ${amount} more than its transactions say: money came that no transaction tells yet.`;
  return { says: 'unexplained', finding };
}
