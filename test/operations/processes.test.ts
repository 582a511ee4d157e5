import { expect, test } from 'vitest';
import { accountId, accountScope } from '../../src/access/viewer.ts';
import type { Storage } from '../../src/storage/database.ts';
import { onPostgres } from '../support/databases.ts';
import { makeTrunk, startActing } from './support/acting.ts';

const making = 'POST /portal/sip-trunks';
const input = { name: 'Acme Corp Noord' };

onPostgres('two processes on one database', (open, { url }) => {
  test('do a key that both are sent at the same instant once', async () => {
    await using acting = await startActing();
    const address = await url();
    const storage = await open(address);
    const processes = [acting.start(storage), acting.start(await open(address))];

    const sent = Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        processes[i % 2]?.engine.perform(makeTrunk, { ...sending, idempotencyKey: `k${Math.floor(i / 2) % 4}` }),
      ),
    );
    // Time stands still for those at work, and only then goes on for those that wait for them.
    await expect.poll(() => succeeded(storage)).toBe(4);
    const settled = await acting.clock.through(sent);

    expect(settled.map((each) => each?.status)).toEqual(Array(40).fill('SUCCEEDED'));
    expect(acting.calls(making)).toBe(4);
  });

  test('leave alone what the other one is at work on', async () => {
    await using acting = await startActing();
    const address = await url();
    const storage = await open(address);
    const [one, two] = [acting.start(storage), acting.start(await open(address))];
    const held = heldBack();
    const first = one.engine.perform(held.mutation, sending);
    await held.begun;
    // Longer than its lease, which it renews.
    for (let seconds = 0; seconds < 40; seconds += 5) {
      await acting.clock.advance(5_000);
      await expect.poll(() => leaseOf(storage)).toBe(acting.clock.now() + 15_000);
    }
    await expect.poll(() => two.engine.recover()).toBe(true);
    const second = two.engine.perform(held.mutation, sending);
    held.release();

    expect(await first).toMatchObject({ status: 'SUCCEEDED' });
    expect(await acting.clock.through(second)).toMatchObject({ status: 'SUCCEEDED', secret: null });
    expect(acting.calls(making)).toBe(1);
  });

  test('send nothing after the other one has taken over what they seemed to have abandoned', async () => {
    await using acting = await startActing();
    const address = await url();
    const [one, two] = [acting.start(await open(address)), acting.start(await open(address))];
    const held = heldBack();
    const first = one.engine.perform(held.mutation, sending);
    await held.begun;
    // As if the process had been stopped: its lease runs out without a renewal.
    acting.clock.jump(60_000);
    const second = await two.engine.perform(makeTrunk, sending);
    held.release();

    expect(second).toMatchObject({ status: 'SUCCEEDED' });
    await expect(first).rejects.toThrow('taken the operation over');
    expect(await two.engine.perform(makeTrunk, sending)).toMatchObject({ status: 'SUCCEEDED' });
    expect(acting.calls(making)).toBe(1);
  });
});

const sending = {
  viewer: 'anna',
  scope: accountScope(accountId('main')),
  idempotencyKey: 'k',
  input,
  onSent: () => undefined,
};

async function succeeded({ db }: Storage): Promise<number> {
  return (await db.selectFrom('operations').select('mutation').where('status', '=', 'SUCCEEDED').execute()).length;
}

/** Until when the only run is believed to live, in epoch milliseconds. */
async function leaseOf({ db }: Storage): Promise<number> {
  const lease = db.selectFrom('settings').select('value').where('name', 'like', 'run:%');
  return Number((await lease.executeTakeFirstOrThrow()).value);
}

/** A mutation that begins and then waits. */
function heldBack() {
  const begun = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const mutation: typeof makeTrunk = {
    ...makeTrunk,
    async run(operation, given) {
      begun.resolve();
      await released.promise;
      return makeTrunk.run(operation, given);
    },
  };
  return { mutation, begun: begun.promise, release: released.resolve };
}
