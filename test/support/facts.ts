/** An answer, one line a field: `{ 'order.total.amount': '1.50' }`. */
export type Facts = Readonly<Record<string, unknown>>;

/** `{ a: { b: [1] } }` as `{ 'a.b.0': 1 }`, so that each difference is one line. */
export function flat(value: unknown, path = ''): Facts {
  if (!isPlain(value)) return { [path]: value };
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => Object.entries(flat(inner, path === '' ? key : `${path}.${key}`))),
  );
}

/** What JSON has in it; what an expectation is made of stays whole. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
