import type { Account } from '../../account.ts';
import type { Balance } from '../../didfarm/client.ts';
import { clockTolerance } from '../../operations/evidence.ts';
import { headResource } from '../../wallet/mirror-state.ts';
import { readBalance, walletPolicy } from '../../wallet/wallet.ts';
import { idsSince } from './debits.ts';

/** What the wallet held before a checkout or a text was sent. */
export interface WalletBefore extends Balance {
  /** Epoch milliseconds. */
  readonly asOf: number;
  /** The transactions of about that time that are in the balance: they were known when it was read. */
  readonly counted: readonly string[];
}

/** How long either may wait for the balance before it is sent, and how old one may be to do instead. Milliseconds. */
const allowance = 3_000;
const oldest = clockTolerance;

/**
 * The balance as it is known, where it is no older than the transactions that are; else as it is read now. Null where it cannot be
 * read: then the wallet will prove nothing, and what was asked for goes on.
 */
export async function walletBefore(account: Account, onSent: () => void): Promise<WalletBefore | null> {
  const known = await knownBalance(account);
  const balance = known ?? (await readNow(account, onSent));
  return balance && { ...balance, counted: await idsSince(account, balance.asOf - 2 * clockTolerance) };
}

async function knownBalance({ storage, id, clock }: Account): Promise<(Balance & { readonly asOf: number }) | null> {
  const rows = await storage.db
    .selectFrom('snapshots')
    .select(['resource', 'body', 'as_of'])
    .where('account', '=', id)
    .where('resource', 'in', [walletPolicy.resource, headResource])
    .execute();
  const wallet = rows.find(({ resource }) => resource === walletPolicy.resource);
  const head = rows.find(({ resource }) => resource === headResource);
  if (wallet == null || wallet.body === null || wallet.as_of === null) return null;
  const age = clock.now() - wallet.as_of;
  const isUsable = age >= 0 && age <= oldest && wallet.as_of >= (head?.as_of ?? Number.NEGATIVE_INFINITY);
  return isUsable ? { ...(JSON.parse(wallet.body) as Balance), asOf: wallet.as_of } : null;
}

/** One that could not be read a moment ago is not asked for again. */
async function readNow(account: Account, onSent: () => void): Promise<(Balance & { readonly asOf: number }) | null> {
  try {
    await account.snapshots.expire(account.id, walletPolicy, '');
    const read = await readBalance(account, { deadline: account.clock.now() + allowance, onSent });
    return read.stale ? null : { ...read.value, asOf: read.asOf };
  } catch (error) {
    account.log.debug({ err: error }, 'The balance before money is spent could not be read');
    return null;
  }
}
