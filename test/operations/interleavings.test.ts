import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FaultInput } from '../../src/sandbox/http/faults.ts';
import { openStorage, type Storage } from '../../src/storage/database.ts';
import { type Acting, keyOfSending, makeTrunk, recordOf, startActing } from './support/acting.ts';

const keys = ['key a', 'key b', 'key c'] as const;

/** What can become of one call; `null`: nothing. */
const fault = fc.constantFrom(
  null,
  { kind: 'cut-before' as const },
  { kind: 'cut-after' as const },
  { kind: 'cut-body' as const },
  { kind: 'truncated' as const },
  { kind: 'empty' as const, processed: true },
  { kind: 'empty' as const, processed: false },
  { kind: 'html' as const, processed: true },
  { kind: 'html' as const, processed: false },
  { kind: 'status' as const, status: 500, processed: true },
  { kind: 'status' as const, status: 500, processed: false },
  { kind: 'status' as const, status: 503, processed: false, headers: { 'retry-after': '1' } },
  { kind: 'status' as const, status: 429 },
  { kind: 'status' as const, status: 422 },
  { kind: 'status' as const, status: 401 },
);

const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ send: fc.constantFrom(...keys) }) },
  { weight: 2, arbitrary: fc.constant('wait' as const) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
);

type Fault = FaultInput | null;
type Happening = { readonly send: string } | 'wait' | 'restart';

test('whatever the order of sendings and faults, each key is done at most once and its operation tells the truth', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { maxLength: 6 }),
      fc.array(happening, { minLength: 1, maxLength: 14 }),
      async (faults, happenings) => {
        await using acting = await startActing();
        const storage = await openStorage('sqlite::memory:');
        await play(acting, storage, faults, happenings);
        for (const key of keys) await expectTruth(acting, storage, key);
        await storage.close();
      },
    ),
    { numRuns: 150 },
  );
});

async function play(acting: Acting, storage: Storage, faults: readonly Fault[], happenings: readonly Happening[]) {
  const once = { method: 'POST', times: 1 };
  for (const each of faults) acting.sandbox.control.faults.add({ kind: 'latency', ...each, ...once });
  let process = acting.start(storage);
  const underWay: Promise<unknown>[] = [];
  for (const each of happenings) {
    if (typeof each === 'object') underWay.push(process.send(makeTrunk, each.send, { name: each.send }));
    else await Promise.all(underWay.splice(0));
    if (each === 'restart') process = acting.start(storage);
  }
  await Promise.all(underWay);
}

async function expectTruth(acting: Acting, storage: Storage, key: string) {
  const made = acting.sandbox.control.world.trunks.all().filter(({ name }) => name === key);
  const { status = 'nothing', result = null } = (await recordOf(storage, keyOfSending(key))) ?? {};
  const may: Readonly<Record<string, readonly number[]>> = {
    nothing: [0],
    FAILED: [0],
    UNKNOWN: [0, 1],
    SUCCEEDED: [1],
  };
  expect(may[status]).toContain(made.length);
  if (status === 'SUCCEEDED') expect(result).toBe(JSON.stringify({ uuid: made[0]?.uuid }));
}
