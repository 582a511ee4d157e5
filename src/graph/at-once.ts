/** What is there at once goes on at once: a page of things that are known costs no promise. */
export function andThen<Value, Result>(
  value: Value | Promise<Value>,
  go: (value: Value) => Result,
): Result | Promise<Awaited<Result>> {
  return value instanceof Promise ? (value.then(go) as Promise<Awaited<Result>>) : go(value);
}
