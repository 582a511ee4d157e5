import type { Log } from '../account.ts';
import type { Clock } from '../clock.ts';
import type { Ledger } from '../didfarm/spent-window.ts';
import type { Storage } from '../storage/database.ts';
import { readOrCreateSetting, writeSetting } from '../storage/settings.ts';

/** How rarely it is written, in milliseconds: what a crash forgets of the minute was sent within this. */
const interval = 1_000;

/** Keeps what is spent of the minute, so that a restart does not spend it twice. `close` writes the last of it. */
export async function openLedger(storage: Storage, account: string, { clock, log }: { clock: Clock; log: Log }) {
  const name = `spent minute of ${account}`;
  const before: readonly number[] = JSON.parse(await readOrCreateSetting(storage, name, () => '[]'));
  let unwritten: (() => readonly number[]) | undefined;
  let written = Promise.resolve();
  const write = () => {
    if (unwritten === undefined) return written;
    const text = JSON.stringify(unwritten());
    unwritten = undefined;
    written = written
      .then(() => writeSetting(storage, name, text))
      .catch((err) => log.warn({ err }, `The ${name} could not be kept`));
    return written;
  };
  const changed: Ledger['changed'] = (releasesAt) => {
    if (unwritten === undefined) clock.after(interval, write);
    unwritten = releasesAt;
  };
  return { releasesAt: before, changed, close: write };
}
