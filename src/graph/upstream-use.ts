/** One thing that was answered from what is kept, older than it should be because DIDfarm could not be asked. */
export interface StaleResource {
  readonly resource: string;
  /** RFC 3339. */
  readonly asOf: string;
}

/** What an operation spent of the ration and how old its answer is: the source of `extensions.upstream`. */
export interface UpstreamUse {
  /** Epoch milliseconds: no waiting for DIDfarm goes beyond it. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
  readonly onSent: () => void;
  readonly onServed: (served: { resource: string; asOf: number; stale: boolean }) => void;
  calls(): number;
  stale(): readonly StaleResource[];
}

export function createUpstreamUse(deadline: number, signal?: AbortSignal): UpstreamUse {
  let calls = 0;
  const stale = new Map<string, StaleResource>();
  return {
    deadline,
    ...(signal ? { signal } : {}),
    onSent: () => {
      calls += 1;
    },
    onServed: ({ resource, asOf, stale: isStale }) => {
      if (isStale) stale.set(resource, { resource, asOf: new Date(asOf).toISOString() });
    },
    calls: () => calls,
    stale: () => [...stale.values()],
  };
}
