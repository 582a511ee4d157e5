import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import {
  clockTolerance,
  type Evidence,
  isSame,
  type LostCall,
  openCalls,
  type Review,
  resultsSince,
  type Verdict,
} from '../../operations/evidence.ts';
import { enoughLooks } from '../../operations/settle.ts';
import type { Tables, TransactionRow } from '../../storage/tables.ts';
import type { CheckoutResult } from '../checkout.ts';
import { type Activation, activationsOf, isBooked, othersOfOrder, ownedSince } from './activations.ts';
import type { CheckoutEvidence } from './before-checkout.ts';
import { bookedWithin, debitsSince } from './debits.ts';
import { forgetItems, forgetTrace, learnTrace, type Trace } from './learn-trace.ts';
import { costs, orderIn, paidIn, unexplainedDebits } from './order-debits.ts';
import {
  alike,
  asked,
  awaited,
  boughtBy,
  contested,
  corrected,
  debitsOf,
  hidden,
  namedFor,
  ownedOtherwise,
  settledBy,
  unnamed,
} from './sentences.ts';
import { type WalletChange, walletChange } from './wallet-change.ts';

type LostCheckout = LostCall<CheckoutEvidence>;

/**
 * A checkout shows in `number.activated` of its numbers, which is certain; and as debits of one order that nothing else explains, that
 * cost what it would, while the wallet agrees: which holds until an event says otherwise. That it was not done is shown by a wallet that
 * its transactions explain to the cent. Whatever may be its trace and may be another's settles nothing.
 */
export const checkoutEvidence: Evidence<CheckoutEvidence> = {
  source: 'transactions',
  async judge(trx, account, call, review) {
    const results = await resultsSince<CheckoutResult>(trx, account, 'checkout', call);
    const others = new Map(results.map(({ result, sentAt }) => [result.orderId, sentAt]));
    const bought = results.map(({ result }) => result);
    const rivals = await rivalsOf(trx, account, call);
    const isRivals = ({ e164 }: Activation) => rivals.some(({ known }) => known.numbers.includes(e164));
    const all = merged(await activationsOf(trx, account, call, bought), await ownedSince(trx, account, call, bought));
    // A number for which another could be sent was not bought as far as was seen: what is told while that is open is told of the other.
    const told = wasMissed(call) ? all.filter((each) => !isRivals(each)) : all;
    const debits = await debitsSince(trx, account, call.sentAt, call.known.debits);
    const named = told.filter((each) => !isRivals(each));
    const unbooked = await unbookedLater(trx, account, call, named);
    if (unbooked.length > 0) return { says: 'unclear', findings: [awaited(unbooked)] };
    if (named.some(({ orderId }) => orderId !== null)) return byEvents(trx, account, call, { told: named, debits });
    const open = await unexplainedDebits(trx, account, debits, { numbers: call.known.numbers, others });
    if (review === 'review' && open.length === 0 && told.length === 0)
      return { says: 'untraced', findings: [asked(call.known)] };
    const wallet = await walletSince(trx, account, call, { others, open });
    if (open.length > 0) return byDebits(trx, account, call, { open, rivals, wallet, told });
    if (told.length > 0) return { says: 'unclear', findings: [...toldIn(told), ...findingsOf(wallet)] };
    const findings = [asked(call.known), ...(wallet.says === 'ambiguous' ? [hidden] : findingsOf(wallet))];
    return { says: wallet.says === 'explained' ? 'nothing' : 'untraced', findings };
  },
  async review(trx, account, call, result): Promise<Review> {
    const { orderId } = result as CheckoutResult;
    const results = await resultsSince<CheckoutResult>(trx, account, 'checkout', call);
    const others = results.map((each) => each.result);
    const told = await activationsOf(trx, account, call, others);
    const debits = await debitsSince(trx, account, call.sentAt, call.known.debits);
    if (told.some((each) => each.orderId !== null)) {
      const verdict = byEvents(trx, account, call, { told, debits });
      const isNamed = told.some((each) => each.orderId === orderId);
      if (isNamed) return verdict.certain ? verdict : { says: 'stands' };
      const apply = async () => {
        await forgetItems(trx, account, call.known.numbers, [orderId]);
        return verdict.apply();
      };
      return { ...verdict, apply, findings: [...verdict.findings, corrected(orderId)] };
    }
    const strangers = await othersOfOrder(trx, account, orderId, call.known.numbers);
    if (strangers.length === 0 && others.every((each) => each.orderId !== orderId)) return { says: 'stands' };
    if (told.length > 0 || (await areProven(trx, account, call)))
      return { says: 'stands', findings: [ownedOtherwise(orderId, strangers)] };
    return {
      says: 'doubtful',
      undo: () => forgetTrace(trx, account, call, orderId),
      findings: [boughtBy(orderId, strangers)],
    };
  },
};

/** Its numbers are there to be bought again, by whoever wants to. */
const wasMissed = ({ looks }: LostCheckout) => looks >= enoughLooks;

/**
 * What names an order whose transaction is not known yet, of a checkout that may have been bought again elsewhere: that transaction will
 * tell whether it was booked in time.
 */
async function unbookedLater(
  trx: Transaction<Tables>,
  account: Account,
  call: LostCheckout,
  told: readonly Activation[],
): Promise<Activation[]> {
  const unbooked: Activation[] = [];
  for (const each of told) {
    const isLate = wasMissed(call) || each.at > call.sentAt + bookedWithin;
    if (isLate && each.orderId !== null && !(await isBooked(trx, account, each.orderId))) unbooked.push(each);
  }
  return unbooked;
}

/** What says that the numbers are there and settles nothing. */
function toldIn(told: readonly Activation[]): string[] {
  const [named, silent] = [
    told.filter(({ orderId }) => orderId !== null),
    told.filter(({ orderId }) => orderId === null),
  ];
  return [...(silent.length > 0 ? [unnamed(silent)] : []), ...(named.length > 0 ? [contested(named)] : [])];
}

/** One a number: what names an order says more. */
function merged(events: readonly Activation[], owned: readonly Activation[]): Activation[] {
  const all = [...events, ...owned];
  return [...Map.groupBy(all, ({ e164 }) => e164).values()].flatMap(
    (same) => same.find(({ orderId }) => orderId !== null) ?? same[0] ?? [],
  );
}

/** Other checkouts whose end is not known: a trace may be theirs. */
async function rivalsOf(trx: Transaction<Tables>, account: Account, call: LostCheckout): Promise<LostCheckout[]> {
  const open = (await openCalls(trx, account, 'checkout', call)) as LostCheckout[];
  return open.filter((other) => !isSame(other, call));
}

interface ToldByEvents {
  readonly told: readonly Activation[];
  readonly debits: readonly TransactionRow[];
}

/**
 * Nothing but the checkout can have given the account its numbers. Where events name some of them, the others came with the same order
 * if that cost what all do; as long as that is not known, DIDfarm may have booked them apart.
 */
function byEvents(
  trx: Transaction<Tables>,
  account: Account,
  call: LostCheckout,
  { told, debits }: ToldByEvents,
): Extract<Verdict, { says: 'happened' }> {
  const named = new Map(told.flatMap(({ e164, orderId }) => (orderId === null ? [] : [[e164, orderId] as const])));
  const [orderId = 0] = named.values();
  const own = debits.filter((row) => row.order_id === orderId);
  const trace: Trace = {
    orderId,
    paid: own.length === 0 ? null : paidIn(own),
    at: own[0]?.created_at ?? told.find((each) => each.orderId === orderId)?.at ?? null,
    named,
  };
  const apply = () => learnTrace(trx, account, call, trace);
  const certain = named.size === call.known.numbers.length || (own.length > 0 && costs(call.known.total, own));
  return { says: 'happened', certain, apply, findings: [namedFor(named)] };
}

interface ToldByDebits {
  readonly open: readonly TransactionRow[];
  readonly rivals: readonly LostCheckout[];
  readonly wallet: WalletChange;
  /** What says that the numbers are the account's, and not by which order. */
  readonly told: readonly Activation[];
}

/** One order alone that cost what the numbers do. */
function byDebits(
  trx: Transaction<Tables>,
  account: Account,
  call: LostCheckout,
  { open, rivals, wallet, told }: ToldByDebits,
): Verdict {
  const orderId = orderIn(open);
  const fits = orderId !== null && costs(call.known.total, open);
  const rival = rivals.find(({ known }) => known.total === null || costs(known.total, open));
  // One that cannot be read for so long will not be.
  const isSilent = wallet.says === 'unread' && account.clock.now() >= call.sentAt + clockTolerance;
  const agrees = wallet.says === 'explained' || wallet.says === 'ambiguous' || isSilent;
  if (!fits || rival !== undefined || !agrees) {
    const doubt = [...toldIn(told), ...(rival === undefined ? [] : [alike])];
    return { says: 'unclear', findings: [debitsOf(open, call.known), ...doubt, ...findingsOf(wallet)] };
  }
  const trace: Trace = { orderId, paid: paidIn(open), at: open[0]?.created_at ?? null, named: new Map() };
  const apply = () => learnTrace(trx, account, call, trace);
  return { says: 'happened', certain: false, apply, findings: [settledBy(orderId, trace.paid, !isSilent)] };
}

/** What was booked for this checkout, or for one that was sent later, came after the balance that this one had waited for. */
function walletSince(
  trx: Transaction<Tables>,
  account: Account,
  { known, sentAt }: LostCheckout,
  { others, open }: { readonly others: ReadonlyMap<number, number>; readonly open: readonly TransactionRow[] },
): Promise<WalletChange> {
  const { wallet = null, total: price } = known;
  const own = new Set(open.map((row) => row.transaction_id));
  return walletChange(trx, account, {
    wallet,
    price,
    isLater: (row) =>
      own.has(row.transaction_id) ||
      (row.order_id !== null && (others.get(row.order_id) ?? Number.NEGATIVE_INFINITY) >= sentAt),
  });
}

const findingsOf = (wallet: WalletChange) => ('finding' in wallet ? [wallet.finding] : []);

/** The account's number by more than the guess that bought it: DIDfarm's id of it is known, or events of it. */
async function areProven(trx: Transaction<Tables>, account: Account, { known }: LostCheckout): Promise<boolean> {
  const rows = await trx
    .selectFrom('numbers')
    .select('e164')
    .where('account', '=', account.id)
    .where('e164', 'in', known.numbers)
    .where('did_number_id', 'is not', null)
    .execute();
  return rows.length > 0;
}
