import type { Clock } from '../clock.ts';
import type { KnownValue } from './snapshot-rows.ts';

/** How a refresh is to call DIDfarm. `onSent` is called for every request that goes on the wire. */
export interface LoadOptions {
  readonly priority: 'ask' | 'refresh';
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly onSent: () => void;
}

/** The value is as of when it was asked for on the wire, not of when it came back. */
export async function bring<T>(
  clock: Clock,
  load: (options: LoadOptions) => Promise<T>,
  how: Omit<LoadOptions, 'onSent'> & { readonly onSent?: (() => void) | undefined },
): Promise<KnownValue> {
  const started = clock.now();
  let sent: number | undefined;
  const value = await load({
    ...how,
    onSent() {
      sent ??= clock.now();
      how.onSent?.();
    },
  });
  return { value, asOf: sent ?? started, due: false };
}
