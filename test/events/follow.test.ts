import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { accountId, accountScope } from '../../src/access/viewer.ts';
import { createBus, type Waiter } from '../../src/events/bus.ts';
import { followLog } from '../../src/events/follow.ts';
import { appendEvent } from '../../src/events/log.ts';
import type { Storage } from '../../src/storage/database.ts';
import { StorageError } from '../../src/storage/storage-error.ts';
import { eachDatabase, type OpenDatabase } from '../support/databases.ts';
import { event } from './support/event.ts';

const main = accountId('main');
const about = sql`e164 = '+31201234567'`;

async function startLog(open: OpenDatabase) {
  const storage = await open();
  const bus = createBus();
  const waiter = bus.waiter(main);
  const append = async (digest: string, e164: string | null = '+31201234567') => {
    await storage.transaction((trx) => appendEvent(trx, main, event(digest, { e164 })));
    bus.wake(main);
  };
  const place: { seq: number | null } = { seq: null };
  const follow = (after: number, wakes: Waiter | null = waiter, from: Storage = storage) =>
    followLog(from, accountScope(main), [about], { after, waiter: wakes, place });
  const seqs = async (source: ReturnType<typeof follow>, count: number) => {
    const read: number[] = [];
    while (read.length < count) read.push((await source.next()).value?.seq ?? 0);
    return read;
  };
  return { storage, waiter, place, append, follow, seqs };
}

eachDatabase('a follower of the log', (open) => {
  test('reads what is there in batches, then what comes, each once and in order', async () => {
    const { append, follow, seqs, waiter } = await startLog(open);
    for (let index = 1; index <= 250; index++) await append(`${index}`, index % 2 ? undefined : null);
    const source = follow(10);

    const odd = Array.from({ length: 120 }, (_, index) => 11 + 2 * index);
    expect(await seqs(source, 120)).toEqual(odd);
    const next = source.next();
    await append('251', null);
    await append('252');
    expect((await next).value?.seq).toBe(252);

    const last = source.next();
    waiter.close();
    expect(await last).toEqual({ done: true, value: undefined });
  });

  test('misses nothing that is appended while it is busy with what it was given', async () => {
    const { append, follow, seqs } = await startLog(open);
    await append('a');
    const source = follow(0);
    expect(await seqs(source, 1)).toEqual([1]);

    await append('b');
    await append('c');

    expect(await seqs(source, 2)).toEqual([2, 3]);
  });

  test('passes over for good what does not meet its conditions', async () => {
    const { storage, append, follow, seqs } = await startLog(open);
    await append('a', null);
    await append('b');
    await append('c', null);
    await append('d', null);
    const source = follow(0);
    expect(await seqs(source, 1)).toEqual([2]);
    const next = source.next();

    await storage.db.updateTable('events').set({ e164: '+31201234567' }).execute();
    await append('e');

    expect((await next).value?.seq).toBe(5);
  });

  test('moves its place with what it gives and passes over, and ends with the log where nothing wakes it', async () => {
    const { append, follow, place } = await startLog(open);
    for (const digest of 'ab') await append(digest);
    await append('c', null);
    const source = follow(0, null);

    const places: (number | null)[] = [];
    for await (const { seq } of source) places.push(seq, place.seq);

    expect(places).toEqual([1, 1, 2, 2]);
    expect(place.seq).toBe(3);
  });

  test('looks again with the next wake where the database was out of reach, and misses nothing', async () => {
    const { storage, append, follow, seqs } = await startLog(open);
    await append('a');
    let away = 0;
    const unreachable = new StorageError('UNREACHABLE', 'It is away.');
    const flaky = new Proxy(storage, {
      get(target, property) {
        if (property !== 'db' || away === 0) return Reflect.get(target, property);
        away -= 1;
        throw unreachable;
      },
    });
    const source = follow(0, undefined, flaky);
    expect(await seqs(source, 1)).toEqual([1]);

    away = 1;
    const next = source.next();
    await append('b');
    await expect.poll(() => away).toBe(0);
    await append('c');

    expect([(await next).value?.seq, ...(await seqs(source, 1))]).toEqual([2, 3]);
    away = 1;
    await expect(follow(0, null, flaky).next()).rejects.toBe(unreachable);
  });

  test('tells a reader whose next event the log let go of between two looks at it', async () => {
    const earlier = await startLog(open);
    const later = await startLog(open);
    for (const digest of 'ab') await earlier.append(digest);
    for (const digest of 'abc') await later.append(digest);
    await later.storage.db.deleteFrom('events').where('seq', '<=', 2).execute();
    let looks = 0;
    const moving = new Proxy(earlier.storage, {
      get(target, property) {
        if (property !== 'db') return Reflect.get(target, property);
        looks += 1;
        return looks === 1 ? target.db : later.storage.db;
      },
    });

    await expect(earlier.follow(1, null, moving).next()).rejects.toMatchObject({ oldest: 3 });
  });

  test('tells a reader so slow that the log has let go of what came next', async () => {
    const { storage, append, follow, seqs } = await startLog(open);
    for (const digest of 'abcde') await append(digest);
    await storage.db.deleteFrom('events').where('seq', '<=', 3).execute();

    await expect(follow(2).next()).rejects.toMatchObject({ name: 'LogTrimmedError', oldest: 4 });
    expect(await seqs(follow(3), 2)).toEqual([4, 5]);
  });
});
