import { describe, expect, test } from 'vitest';
import {
  isRecorded,
  noteBounds,
  noteTouch,
  noteUnkeepable,
  type Reading,
  recordReading,
  unrecorded,
} from '../../src/cache/reading.ts';
import type { Touch } from '../../src/storage/touch.ts';

const numbers = (keys: readonly string[] | null, account: string | null = 'main'): Touch => ({
  table: 'numbers',
  account,
  keys,
});

describe('a reading', () => {
  test('is of what was read while it was recorded, wherever that was awaited', async () => {
    noteTouch(numbers(['before']));
    const { value, reading } = await recordReading(async () => {
      noteTouch(numbers(['a']));
      await new Promise((resolve) => setImmediate(resolve));
      noteTouch(numbers(['b', 'a']));
      noteTouch({ table: 'trunks', account: 'main', keys: null });
      return 'value';
    });
    noteTouch(numbers(['after']));
    expect(value).toBe('value');
    expect(reading.touches()).toEqual([numbers(['a', 'b']), { table: 'trunks', account: 'main', keys: null }]);
  });

  test('of a whole table is of all of its rows, whichever comes first', async () => {
    const { reading } = await recordReading(() => {
      noteTouch(numbers(['a']));
      noteTouch(numbers(null));
      noteTouch(numbers(['b']));
      noteTouch(numbers(['c'], null));
    });
    expect(reading.touches()).toEqual([numbers(null), numbers(['c'], null)]);
  });

  test('at the same time as another is its own', async () => {
    const record = (key: string) =>
      recordReading(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        noteTouch(numbers([key]));
      });
    const [one, other] = await Promise.all([record('a'), record('b')]);
    expect([one.reading.touches(), other.reading.touches()]).toEqual([[numbers(['a'])], [numbers(['b'])]]);
  });

  test('is fresh for as long as the first of what it read', async () => {
    const { reading } = await recordReading(() => {
      noteBounds('one', () => ({ until: 20, expires: 70 }));
      noteBounds('other', () => ({ until: 10, expires: 80 }));
    });
    expect(reading.bounds()).toEqual({ until: 10, expires: 70 });
    const { reading: ageless } = await recordReading(() => undefined);
    expect(ageless.bounds()).toEqual({ until: Number.POSITIVE_INFINITY, expires: Number.POSITIVE_INFINITY });
  });

  test('of what is true for a moment alone says why', async () => {
    const { reading } = await recordReading(() => noteUnkeepable('in memory'));
    expect(reading.unkeepable).toBe('in memory');
    expect((await recordReading(() => undefined)).reading.unkeepable).toBeNull();
  });

  test.each([
    ['the same row', numbers(['x', 'a']), true],
    ['the whole table', numbers(null), true],
    ['a row of any account', numbers(['a'], null), true],
    ['another row', numbers(['b']), false],
    ['another account', numbers(['a'], 'other'), false],
    ['another table', { ...numbers(['a']), table: 'trunks' }, false],
  ])('is outdated, or not, by a write to %s', async (_name, written, outdated) => {
    const begun: Reading[] = [];
    const { reading } = await recordReading(
      () => {
        noteTouch(numbers(['a']));
        for (const each of begun) each.outdate(written);
      },
      (each) => begun.push(each),
    );
    expect(reading.outdated).toBe(outdated);
  });

  test('is not of what others do within it', async () => {
    const { reading } = await recordReading(() => {
      expect(isRecorded()).toBe(true);
      unrecorded(() => {
        expect(isRecorded()).toBe(false);
        noteTouch(numbers(['a']));
        noteUnkeepable('no');
        noteBounds('any', () => ({ until: 1, expires: 2 }));
      });
    });
    expect(reading.unkeepable).toBeNull();
    expect(reading.bounds().until).toBe(Number.POSITIVE_INFINITY);
    expect(reading.touches()).toEqual([]);
  });
});
