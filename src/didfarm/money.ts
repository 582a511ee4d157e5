import Big from 'big.js';

const decimal = /^[+-]?\d{1,18}(\.\d{1,18})?$/;
// What undoes a debit (`charge_refund`, `debit_reversal`) and what fills the wallet (`recharge`) carry a debit's word as well.
const credits = /(?<![a-z])(refund|revers|cancel|credit|re.?charge|top.?up|charge.?back)/;
const debits = /(?<![a-z])(debit(s|ed)?|withdraw(n|als?)?|(sur)?charge[sd]?)(?![a-z])/;

/** An amount in EUR cents, as search and checkout give it, in EUR: `150` is `"1.50"`. Null where it is no amount. */
export function eurosFromCents(cents: string | number): string | null {
  const amount = exact(cents);
  return amount === null ? null : written(amount.div(100));
}

/** An amount in EUR, as balance, transactions and SMS costs give it: `142.5` is `"142.50"`. Null where it is no amount. */
export function eurosFromEuros(euros: string | number): string | null {
  const amount = exact(euros);
  return amount === null ? null : written(amount);
}

/** The amount with the sign its row's kind demands: what was debited is negative, whichever way it was written. */
export function signedByKind(amount: string, kind: string | null): string {
  return kind !== null && isDebit(kind) && new Big(amount).gt(0) ? `-${amount}` : amount;
}

function isDebit(kind: string): boolean {
  const words = kind.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return debits.test(words) && !credits.test(words);
}

/** A JSON number is taken as its shortest decimal text, which is what DIDfarm wrote; binary fractions never enter. */
function exact(value: string | number): Big | null {
  const text = String(value).trim();
  if (typeof value === 'number' ? !Number.isFinite(value) : !decimal.test(text)) return null;
  return new Big(text.replace(/^\+/, ''));
}

function written(amount: Big): string {
  const rounded = amount.round(8, Big.roundHalfEven);
  const decimals = Math.max(0, rounded.c.length - 1 - rounded.e);
  const text = rounded.toFixed(Math.max(2, decimals));
  return /^-[0.]+$/.test(text) ? text.slice(1) : text;
}
