import type { Clock } from '../clock.ts';
import { UpstreamTimedOut } from '../didfarm/errors.ts';

/** Who waits: until when (epoch ms), and a signal that aborts when they are gone. */
export interface Waiting {
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

/** One refresh under way, shared by all who need it. */
export interface Flight<T> {
  readonly done: Promise<T>;
  /** How many wait for it. */
  waiters: number;
}

/**
 * Waits for a flight as long as this reader may. It goes on for the others, and ends where the last waiting reader is gone.
 * @throws the flight's failure, the signal's reason, or UpstreamTimedOut at the deadline.
 */
export async function waitFor<T>(
  flight: Flight<T>,
  { deadline, signal }: Waiting,
  { clock, resource, abandon }: { clock: Clock; resource: string; abandon: (reason: unknown) => void },
): Promise<T> {
  const gone = Promise.withResolvers<never>();
  const onAbort = () => gone.reject(signal?.reason);
  const cancel = clock.after(deadline - clock.now(), () => gone.reject(new UpstreamTimedOut(resource, true)));
  signal?.addEventListener('abort', onAbort, { once: true });
  flight.waiters += 1;
  try {
    return await Promise.race([flight.done, gone.promise]);
  } finally {
    cancel();
    signal?.removeEventListener('abort', onAbort);
    flight.waiters -= 1;
    // Past its deadline the call ends by itself, as a failure worth remembering.
    if (flight.waiters === 0 && signal?.aborted) abandon(signal.reason);
  }
}
