import type { Role, Viewer } from '../access/viewer.ts';
import { noteUnkeepable } from '../cache/reading.ts';
import type { Spender } from '../didfarm/call-options.ts';

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
  /**
   * Whose part of the ration pays for what their own words ask of DIDfarm: searches and mutations. The account's picture is read for
   * all of its viewers, and no oftener the more of them ask: the account pays for it.
   */
  readonly spender?: Spender | undefined;
  readonly onSent: () => void;
  readonly onServed: (served: { resource: string; asOf: number; stale: boolean }) => void;
  calls(): number;
  stale(): readonly StaleResource[];
}

export function createUpstreamUse(deadline: number, signal?: AbortSignal, spender?: Spender): UpstreamUse {
  let calls = 0;
  const stale = new Map<string, StaleResource>();
  return {
    deadline,
    ...(signal ? { signal } : {}),
    spender,
    onSent: () => {
      calls += 1;
    },
    onServed: ({ resource, asOf, stale: isStale }) => {
      if (!isStale) return;
      // Beside the data: one that is given again would not say it.
      noteUnkeepable('stale');
      stale.set(resource, { resource, asOf: new Date(asOf).toISOString() });
    },
    calls: () => calls,
    stale: () => [...stale.values()],
  };
}

/** The part of the account's requests a minute that a viewer of each role may have sent, and how many of those at once. */
const parts: Readonly<Record<Role, { readonly ofLimit: number; readonly atOnce: number }>> = {
  ADMIN: { ofLimit: 1, atOnce: 8 },
  OPERATOR: { ofLimit: 0.75, atOnce: 6 },
  READER: { ofLimit: 0.5, atOnce: 4 },
  CLIENT: { ofLimit: 0.25, atOnce: 2 },
};

/** The viewer as one of those who share the ration. However many viewers a client has, they have one part. */
export function spenderOf({ name, role, client }: Viewer, limitPerMinute: number): Spender {
  const { ofLimit, atOnce } = parts[role];
  return {
    name: client === null ? `viewer ${name}` : `client ${client}`,
    perMinute: Math.max(1, Math.floor(limitPerMinute * ofLimit)),
    atOnce,
  };
}

/** `extensions.upstream.viewer`: what is left of the viewer's own part. Times are epoch milliseconds; shown as RFC 3339. */
export function shownPart({ limitPerMinute, remaining, resetsAt }: Part): Record<string, unknown> {
  return { limitPerMinute, remaining, resetsAt: resetsAt === null ? null : new Date(resetsAt).toISOString() };
}

interface Part {
  readonly limitPerMinute: number;
  readonly remaining: number;
  readonly resetsAt: number | null;
}
