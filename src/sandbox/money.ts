/** An amount in thousandths of a euro, an integer: exact for rates in cents and for messages at EUR 0.008. */
export type Mills = number;

/** EUR cents are what rates are in. */
export const centsToMills = (cents: number): Mills => cents * 10;

/** Reads decimal euros such as "142.50" or "-0.008". Throws a RangeError for anything finer or not a number. */
export function parseEuros(text: string): Mills {
  const match = /^(-?)(\d{1,10})(?:\.(\d{1,3}))?$/.exec(text);
  if (!match) throw new RangeError(`not an amount in euros: ${text}`);
  const [, sign, whole = '0', fraction = ''] = match;
  const mills = Number(whole) * 1000 + Number(fraction.padEnd(3, '0'));
  return sign && mills ? -mills : mills;
}

/** Writes decimal euros: two decimals, a third where the amount needs it. */
export function formatEuros(mills: Mills): string {
  const size = Math.abs(mills);
  const fraction = String(size % 1000).padStart(3, '0');
  const digits = fraction.endsWith('0') ? fraction.slice(0, 2) : fraction;
  return `${mills < 0 ? '-' : ''}${Math.floor(size / 1000)}.${digits}`;
}
