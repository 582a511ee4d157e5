import { watch as watchFs } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Cancel, Clock } from '../clock.ts';

/** Calls `changed` when something in a folder may have changed, until it is cancelled. */
export type Watch = (folder: string, changed: () => void) => Cancel;

/** The system's own notices. Where it has none to give, looking every few seconds has to do. */
export const watchFolder: Watch = (folder, changed) => {
  try {
    const watcher = watchFs(folder, { persistent: false }, () => changed());
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
};

/** How often the file is looked at, whatever the system tells. */
const period = 3_000;

/** A file that is rewritten in place is empty for a moment: what was noticed is looked at once that has passed. */
const settling = 50;

export interface FollowOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly watch: Watch;
  /** Called for the file as it is, then again each time it is another; never twice at a time. Must not reject. */
  readonly read: () => Promise<void>;
}

/**
 * Reads a file now and whenever it has changed. Its folder is watched and not the file: editors and Kubernetes put another file,
 * or another target of a link, in its place.
 */
export async function followFile({ path, clock, watch, read }: FollowOptions): Promise<Cancel> {
  let known: string | null = null;
  let looks = Promise.resolve();
  let noticed = false;
  let cancelLook: Cancel = () => undefined;

  const readIfChanged = async () => {
    // Taken before the reading: what changes during it is another version at the next look.
    const version = await versionOf(path);
    if (version === known) return;
    known = version;
    await read();
  };
  const lookIn = (milliseconds: number) => {
    cancelLook();
    cancelLook = clock.after(milliseconds, () => {
      noticed = false;
      looks = looks.then(readIfChanged);
      lookIn(period);
    });
  };
  const notice = () => {
    // In a folder where something is always written, starting anew each time would put the look off for ever.
    if (noticed) return;
    noticed = true;
    lookIn(settling);
  };
  await readIfChanged();
  const unwatch = watch(dirname(path), notice);
  lookIn(period);
  return () => {
    unwatch();
    cancelLook();
  };
}

/** Another text for another file. Times alone would miss a second change within one tick of the file system's clock. */
async function versionOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  }
}
