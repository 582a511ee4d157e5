import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LiveStream } from '../../../src/server/subscriptions/stream.ts';
import { startSubscriptions } from './support.ts';

/** Some bursts are longer than what a channel keeps of what it gave. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), count: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constant(90)) }),
  fc.record({
    kind: fc.constant('subscribe' as const),
    /** How far back it goes on from; null begins at the end. */
    back: fc.option(fc.integer({ min: 0, max: 100 })),
    way: fc.constantFrom('pulled' as const, 'pushed' as const),
  }),
  fc.record({ kind: fc.constant('leave' as const), who: fc.nat({ max: 5 }) }),
  fc.record({ kind: fc.constant('turns' as const), count: fc.integer({ min: 1, max: 12 }) }),
);

type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;
type Live = ReturnType<typeof startSubscriptions>;

interface Reader {
  readonly stream: LiveStream;
  readonly begin: number;
  readonly seen: number[];
  left: boolean;
}

test('whenever it comes, every subscriber gets exactly the sequence of the log, with the cursor of each', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 20 }),
      fc.array(happening, { minLength: 3, maxLength: 25 }),
      async (pauses, happenings) => {
        let pause = 0;
        const live = startSubscriptions(() => turns(pauses[pause++ % pauses.length] ?? 0));
        const readers = await play(live, happenings);
        for (const reader of readers) await expectTheLog(reader, live.log.newest());
        for (const reader of readers) await leave(reader);
        await turns(10);
        expect(live.count()).toBe(0);
        expect(live.log.waiting()).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});

async function play(live: Live, happenings: readonly Happening[]): Promise<readonly Reader[]> {
  const readers: Reader[] = [];
  const opening: Promise<void>[] = [];
  for (const each of happenings) {
    if (each.kind === 'append') append(live, each.count);
    if (each.kind === 'turns') await turns(each.count);
    if (each.kind === 'leave') await leave(readers[each.who]);
    if (each.kind === 'subscribe') {
      const after = each.back === null ? null : Math.max(0, live.log.newest() - each.back);
      opening.push(live.open(after).then((opened) => void readers.push(read(opened, each.way))));
    }
  }
  await Promise.all(opening);
  append(live, 1);
  return readers;
}

async function expectTheLog({ begin, seen, left }: Reader, newest: number): Promise<void> {
  while (!left && seen.length < newest - begin) await turns(1);
  await turns(1);
  const length = left ? seen.length : newest - begin;
  expect(seen).toEqual(Array.from({ length }, (_, index) => begin + 1 + index));
}

async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await setImmediate();
}

function append({ log }: Live, count: number): void {
  for (let left = count; left > 0; left--) log.append();
}

function read({ stream, begin }: Pick<Reader, 'stream' | 'begin'>, way: 'pulled' | 'pushed'): Reader {
  const reader: Reader = { stream, begin, seen: [], left: false };
  const note = (payload: Awaited<ReturnType<LiveStream['pull']>>) => {
    expect(payload?.cursor).toBe(String(payload?.result.data?.['ticks']));
    reader.seen.push(Number(payload?.cursor));
    return true;
  };
  if (way === 'pushed') stream.deliverTo({ next: note, last: () => undefined, ended: () => undefined });
  void (async () => {
    for (let payload = await stream.pull(); payload !== null; payload = await stream.pull()) note(payload);
  })();
  return reader;
}

async function leave(reader: Reader | undefined): Promise<void> {
  if (reader === undefined) return;
  reader.left = true;
  await reader.stream.return();
}
