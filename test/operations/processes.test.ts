import { expect, test } from 'vitest';
import { accountId, accountScope } from '../../src/access/viewer.ts';
import { onPostgres } from '../support/databases.ts';
import { makeTrunk, startActing } from './support/acting.ts';

const making = 'POST /portal/sip-trunks';
const input = { name: 'Acme Corp Noord' };

onPostgres('two processes on one database', (open, { url }) => {
  test('do a key that both are sent at the same instant once', async () => {
    await using acting = await startActing();
    const address = await url();
    const processes = [acting.start(await open(address)), acting.start(await open(address))];

    const settled = await Promise.all(
      Array.from({ length: 40 }, (_, i) => processes[i % 2]?.send(makeTrunk, `k${i % 4}`, input)),
    );

    expect(new Set(settled.map((each) => each?.status))).toEqual(new Set(['SUCCEEDED']));
    expect(acting.calls(making)).toBe(4);
  });

  test('leave alone what the other one is at work on', async () => {
    await using acting = await startActing();
    const address = await url();
    const [one, two] = [acting.start(await open(address)), acting.start(await open(address))];
    const held = heldBack();
    const first = one.engine.perform(held.mutation, sending);
    await held.begun;
    // Longer than its lease, which it renews.
    for (let seconds = 0; seconds < 40; seconds += 4) await acting.clock.advance(4_000);
    await expect.poll(() => two.engine.recover()).toBe(true);
    const second = two.engine.perform(held.mutation, sending);
    held.release();

    expect(await acting.clock.through(first)).toMatchObject({ status: 'SUCCEEDED' });
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
