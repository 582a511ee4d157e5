const day = 86_400_000;

/** Anniversaries lie on days 1 to 28, which every month has. */
const usedDays = 28;

/**
 * Months since 1970 with a fraction, as a line on which each anniversary is exactly 1 after the one before.
 * The days 29 to 31 lie on its last point, so that a time there comes before the next month's first anniversary.
 */
export function toMonths(time: number): number {
  const date = new Date(time);
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  const months = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
  return months + Math.min((time - start) / (usedDays * day), 0.999_999);
}

/** The time (epoch ms, whole seconds) of a point on the line of months. */
export function fromMonths(months: number): number {
  const whole = Math.floor(months);
  const start = Date.UTC(1970, whole, 1);
  return Math.floor((start + (months - whole) * usedDays * day) / 1000) * 1000;
}

/** The same day and time some months later, on the month's last day where it has no such day. */
export function addMonths(time: number, months: number): number {
  const date = new Date(time);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0)).getUTCDate();
  const month = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, Math.min(date.getUTCDate(), last));
  return month + (time % day);
}
