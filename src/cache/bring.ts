import type { Clock } from '../clock.ts';
import type { KnownValue } from './snapshot-rows.ts';
import type { LoadOptions, SnapshotReader } from './snapshots.ts';

/** The value is as of when it was asked for on the wire, not of when it came back. */
export async function bring<T>(
  clock: Clock,
  load: (options: LoadOptions) => Promise<T>,
  how: Omit<LoadOptions, 'onSent'> & Pick<SnapshotReader, 'onSent'>,
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
