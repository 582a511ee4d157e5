/** Milliseconds: so many of a hundred answers took no longer. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly slowest: number;
}

/** Exact: each answer's time was kept. */
export function latenciesOf(times: ArrayLike<number>): Latencies {
  const sorted = Float64Array.from(times).sort();
  const within = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
  return { p50: within(0.5), p99: within(0.99), p999: within(0.999), slowest: within(1) };
}
