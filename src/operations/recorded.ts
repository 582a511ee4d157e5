import type { Account } from '../account.ts';

/** Milliseconds between the attempts: a database that fails over is back by then. */
const waits = [100, 1_000, 5_000];

/** Writes down what DIDfarm has answered: it is not asked again, so a database that stumbles is given another chance. */
export async function recorded<T>({ clock, log }: Account, write: () => Promise<T>): Promise<T> {
  for (const wait of waits) {
    try {
      return await write();
    } catch (error) {
      log.warn({ err: error }, 'What an operation did could not be recorded; trying again');
      await clock.sleep(wait);
    }
  }
  return write();
}
