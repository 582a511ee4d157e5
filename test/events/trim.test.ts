import type { KyselyPlugin, Transaction } from 'kysely';
import { expect, test } from 'vitest';
import { accountId, accountScope } from '../../src/access/viewer.ts';
import { appendEvent, firstSeq, lastSeq, type NewEvent, readEvents } from '../../src/events/log.ts';
import { startTrimming } from '../../src/events/retention.ts';
import { type Kept, trimDigests, trimStretch } from '../../src/events/trim.ts';
import type { Storage } from '../../src/storage/database.ts';
import type { Tables } from '../../src/storage/tables.ts';
import { createFakeClock } from '../support/clock.ts';
import { eachDatabase } from '../support/databases.ts';
import { event } from './support/event.ts';

const main = accountId('main');
const other = accountId('other');
const everything: Kept = { since: 0, count: 1_000_000, digestsSince: 0 };

const append = (storage: Storage, digest: string, columns: Partial<NewEvent> = {}, account = main) =>
  storage.transaction((trx) => appendEvent(trx, account, event(digest, columns)));
const trim = (storage: Storage, kept: Partial<Kept>) =>
  storage.transaction((trx) => trimStretch(trx, main, { ...everything, ...kept }));
const seqs = async (storage: Storage, account = main) => {
  const page = await readEvents(storage, accountScope(account), [], { after: 0, upTo: 10_000, limit: 10_000 });
  return page.rows.map((row) => row.seq);
};

eachDatabase('a log that is trimmed', (open) => {
  test('loses what came in too long ago, or is beyond the count, and nothing of another account', async () => {
    const storage = await open();
    for (const [place, digest] of [...'abcdefgh'].entries()) await append(storage, digest, { received_at: place });
    for (const digest of 'xyz') await append(storage, digest, { received_at: 0 }, other);

    expect(await trim(storage, { since: 3 })).toBe(false);
    expect(await seqs(storage)).toEqual([4, 5, 6, 7, 8]);
    await trim(storage, { count: 2 });
    expect(await seqs(storage)).toEqual([7, 8]);
    expect(await seqs(storage, other)).toEqual([1, 2, 3]);
    expect(await firstSeq(storage.db, main)).toBe(7);
  });

  test('keeps its newest event, so that no number is given twice', async () => {
    const storage = await open();
    for (const digest of 'abc') await append(storage, digest, { received_at: 0 });

    await trim(storage, { since: 100, count: 0 });

    expect(await seqs(storage)).toEqual([3]);
    expect(await append(storage, 'd')).toEqual({ seq: 4 });
    expect(await lastSeq(storage.db, main)).toBe(4);
  });

  test('loses a beginning and never what is in between, whatever a clock said', async () => {
    const storage = await open();
    for (const [place, at] of [1, 9, 1, 9].entries()) await append(storage, String(place), { received_at: at });

    await trim(storage, { since: 5 });

    expect(await seqs(storage)).toEqual([2, 3, 4]);
  });

  test('still knows a delivery that comes again, and spends no number on it, until it is too old to', async () => {
    const storage = await open();
    for (const [place, digest] of [...'abc'].entries()) await append(storage, digest, { received_at: place });
    await trim(storage, { count: 1, digestsSince: 1 });

    expect(await append(storage, 'b')).toBeNull();
    expect(await append(storage, 'a')).toEqual({ seq: 4 });
    await storage.transaction((trx) => trimDigests(trx, main, 2));
    expect(await append(storage, 'b')).toEqual({ seq: 5 });
  });

  test('keeps beside it the last status of each trunk that was applied', async () => {
    const storage = await open();
    const told = (digest: string, trunk_key: string, name: string, columns: Partial<NewEvent> = {}) =>
      append(storage, digest, { type: 'TRUNK_OFFLINE', trunk_key, name, applied: 1, ...columns });
    await told('a', 'one', 'trunk.registered');
    await told('b', 'two', 'trunk.registered');
    await told('c', 'one', 'trunk.unlisted', { type: 'UNKNOWN', source: 'RECONCILED' });
    await told('d', 'two', 'trunk.offline', { applied: 0 });
    await told('e', 'two', 'number.activated', { type: 'NUMBER_ACTIVATED' });
    for (const digest of 'fg') await append(storage, digest);

    await trim(storage, { count: 1 });

    const kept = storage.db.selectFrom('trimmed_statuses').select(['trunk_key', 'seq', 'name']).orderBy('trunk_key');
    expect(await kept.execute()).toEqual([
      { trunk_key: 'one', seq: 3, name: 'trunk.unlisted' },
      { trunk_key: 'two', seq: 2, name: 'trunk.registered' },
    ]);
    await told('h', 'one', 'trunk.offline');
    for (const digest of 'ij') await append(storage, digest);
    await trim(storage, { count: 1 });
    expect(await kept.execute()).toMatchObject([{ seq: 8, name: 'trunk.offline' }, { seq: 2 }]);
  });

  test('is trimmed without reading what was sent with the events', async () => {
    const storage = await open();
    for (const digest of 'abc') await append(storage, digest, { data: '"large"' });
    const read: string[] = [];
    const watching: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        read.push(JSON.stringify(result.rows));
        return result;
      },
    };

    await storage.transaction((trx) => {
      const watched = trx.withPlugin(watching) as Transaction<Tables>;
      return trimStretch(watched, main, { ...everything, count: 1 });
    });

    expect(await seqs(storage)).toEqual([3]);
    expect(read.join()).toContain('"digest":"a"');
    expect(read.join()).not.toContain('large');
  });

  test('is trimmed in stretches, now and every ten minutes, until it is told to stop', async () => {
    const storage = await open();
    const clock = createFakeClock();
    const warnings: object[] = [];
    const log = { warn: (fields: object) => void warnings.push(fields) };
    const many = Array.from({ length: 1_203 }, (_, place) => ({
      ...event(String(place), { received_at: clock.now() - 86_400_001 }),
      account: 'main',
      seq: place + 1,
    }));
    for (let start = 0; start < many.length; start += 401)
      await storage.db
        .insertInto('events')
        .values(many.slice(start, start + 401))
        .execute();

    const stop = startTrimming({ account: main, storage, clock, log }, { days: 1, count: 1_000 });
    await expect.poll(() => seqs(storage)).toEqual([1_203]);
    await expect.poll(() => clock.pending()).toBe(1);
    await append(storage, 'new', { received_at: clock.now() });
    await clock.advance(600_000);
    await expect.poll(() => seqs(storage)).toEqual([1_204]);
    await stop();

    expect(clock.pending()).toBe(0);
    expect(warnings).toEqual([]);
  });
});
