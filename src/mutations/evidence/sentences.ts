import type { TransactionRow } from '../../storage/tables.ts';
import type { Activation } from './activations.ts';
import type { CheckoutEvidence } from './before-checkout.ts';

/** What is known of a lost checkout, for whoever has to decide: each a sentence or two. */

export const asked = ({ numbers, total }: CheckoutEvidence) =>
  `No transaction and no event shows that ${list(numbers)} ${numbers.length === 1 ? 'was' : 'were'} bought${total === null ? '' : ` for EUR ${total}`}.`;

export const hidden =
  "The wallet agrees with its transactions, but other spending of the same minutes could hide a purchase of that price: DIDfarm's portal tells whether the numbers are there.";

export const unnamed = (told: readonly Activation[]) =>
  `An event or an import says that ${list(told.map(({ e164 }) => e164))} is yours and not by which order: look for it in DIDfarm's portal.`;

export const awaited = (told: readonly Activation[]) =>
  `${orders(told)}; the transaction of that order, which tells when it was bought, is not known yet.`;

export const contested = (told: readonly Activation[]) =>
  `${orders(told)}; another operation for the same number, whose outcome is not certain, may have bought it.`;

const orders = (told: readonly Activation[]) =>
  `An event or an import says that ${list(told.map(({ e164, orderId }) => `${e164} came by order ${orderId}`))}`;

export const namedFor = (named: ReadonlyMap<string, number>) =>
  `Events or an import name the order: ${[...named].map(([e164, order]) => `${e164} by order ${order}`).join(', ')}.`;

export const corrected = (order: number) =>
  `By its transaction it was taken for order ${order} before; the event has corrected that.`;

export const boughtBy = (order: number, strangers: readonly string[]) =>
  `By its transaction it was taken for order ${order}, which bought ${strangers.length === 0 ? 'the numbers of another operation' : list(strangers)}: what became of it is not known.`;

export const ownedOtherwise = (order: number, strangers: readonly string[]) =>
  `The numbers are yours; the order that bought them is not certain: order ${order}, for which it was taken by its transaction, bought ${strangers.length === 0 ? 'the numbers of another operation' : list(strangers)}.`;

export const settledBy = (order: number, paid: string | null, agrees: boolean) =>
  `Settled from the transaction of order ${order} (EUR ${paid}), the only one that nothing else explains${agrees ? ', and the wallet agrees' : '; the wallet could not be read, which would have said more'}. An order of that price which was placed elsewhere in the same minutes would look the same: number.activated will confirm or correct it.`;

export const alike = 'Another operation whose outcome is not known would leave the same trace.';

export const debitsOf = (debits: readonly TransactionRow[], { total }: CheckoutEvidence) =>
  `Its trace may be ${list(debits.map(debit))}: nothing else explains ${debits.length === 1 ? 'it' : 'them'}. What it would cost is ${total === null ? 'not known, since no search showed every number' : `EUR ${total}`}. A number.activated of its numbers would tell; so does DIDfarm's portal.`;

const debit = ({ transaction_id, amount, currency, order_id }: TransactionRow) =>
  `transaction ${transaction_id} of ${currency} ${amount}${order_id === null ? '' : ` for order ${order_id}`}`;

/** As many as a person reads. */
const most = 5;

function list(all: readonly string[]): string {
  const rest = all.length - most;
  return rest > 0 ? `${all.slice(0, most).join(', ')} and ${rest} more` : all.join(', ');
}
