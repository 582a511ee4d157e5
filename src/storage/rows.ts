/** Whether a row says something else than the one that is there, or there is none. */
export function differs<Row extends object>(before: Row | undefined, after: Row): boolean {
  return (Object.keys(after) as (keyof Row)[]).some((column) => before?.[column] !== after[column]);
}
