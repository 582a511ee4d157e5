import { describe, expect, test } from 'vitest';
import { createKeptFields } from '../../src/cache/kept-fields.ts';
import { noteBounds, noteTouch, noteUnkeepable } from '../../src/cache/reading.ts';
import type { Touch } from '../../src/storage/touch.ts';
import { createFakeClock } from '../support/clock.ts';

const trunks: Touch = { table: 'trunks', account: 'main', keys: null };
const one: Touch = { table: 'numbers', account: 'main', keys: ['+311'] };
const other: Touch = { table: 'numbers', account: 'main', keys: ['+312'] };

/** Notes bounds that stay as they are. */
const noteFresh = (until: number, expires: number) => noteBounds('any', () => ({ until, expires }));

function start(options: { maxBytes?: number; longest?: number } = {}) {
  const clock = createFakeClock();
  const fields = createKeptFields({ clock, maxBytes: 100_000, ...options });
  const runs: string[] = [];
  /** Asks for a text; each one that is worked out is noted. */
  const ask = (text: string, during: () => unknown = () => undefined, way: 'usual' | 'fresh' = 'usual') =>
    fields.ask<string>(
      'question',
      {
        async run() {
          runs.push(text);
          await during();
          return text;
        },
        keep: (bytes) => ({ bytes, tag: 'tag' }),
      },
      way,
    );
  const given = async (...asked: Parameters<typeof ask>) => {
    const came = await ask(...asked);
    return 'result' in came ? `${came.kept ? '' : 'unkept '}${came.result}` : `kept ${came.kept.bytes}`;
  };
  return { clock, fields, runs, ask, given };
}

describe('a root field', () => {
  test('is given again as long as nothing is written that it read', async () => {
    const { fields, given, runs } = start();
    await given('first', () => noteTouch(one));
    fields.written(other);
    fields.written(trunks);
    expect(await given('second')).toBe('kept first');

    fields.written(one);
    expect(fields.find('question')).toBeNull();
    expect(await given('third')).toBe('third');
    expect(runs).toEqual(['first', 'third']);
    expect(fields.stats()).toMatchObject({ workedOut: 2, dropped: 1, entries: 1 });
  });

  test.each([
    ['what it read was written meanwhile', (fields: { written(touch: Touch): void }) => fields.written(one)],
    ['all of its table was', (fields: { written(touch: Touch): void }) => fields.written({ ...one, keys: null })],
    ['it is true for this moment alone', () => noteUnkeepable('it is')],
    ['its time is over when it comes', () => noteFresh(0, 0)],
  ])('is not kept where %s', async (_, happen) => {
    const { fields, given } = start();
    const during = () => {
      noteTouch(one);
      happen(fields);
    };

    expect(await given('first', during)).toBe('unkept first');
    expect(fields.stats().entries).toBe(0);
    expect(await given('second')).toBe('second');
  });

  test('is not kept where something is written between its last reading and its keeping', async () => {
    const { fields, ask, given } = start();
    const gate = Promise.withResolvers<void>();
    const first = ask('first', async () => {
      noteTouch(one);
      await gate.promise;
    });
    await Promise.resolve();
    gate.resolve();
    // The work is done, and who waits for it has not been told.
    await Promise.resolve();
    fields.written(one);
    await first;

    expect(await given('second')).toBe('second');
  });

  test('is worked out anew by whoever asks first when it is time, once a second, while all others are served', async () => {
    const { clock, fields, ask, given, runs } = start();
    const start0 = clock.now();
    const note = () => noteFresh(start0 + 10_000, start0 + 60_000);
    await given('first', note);
    clock.jump(10_000);
    expect(fields.find('question')).toBeNull();

    const gate = Promise.withResolvers<void>();
    const renewing = ask('second', async () => {
      note();
      await gate.promise;
    });
    expect(await given('nobody')).toBe('kept first');
    clock.jump(1_000);
    gate.resolve();
    await renewing;
    expect(await given('nobody', note)).toBe('kept second');
    clock.jump(1_000);
    expect(await given('third', note)).toBe('third');
    expect(runs).toEqual(['first', 'second', 'third']);
  });

  test('is served as long as what it is based on is refreshed and comes out the same, without being worked out', async () => {
    const { clock, fields, given, runs } = start();
    const bounds = { until: clock.now() + 10_000, expires: clock.now() + 60_000 };
    await given('first', () => noteBounds('any', () => bounds));
    for (let refreshed = 0; refreshed < 20; refreshed += 1) {
      Object.assign(bounds, { until: clock.now() + 10_000, expires: clock.now() + 60_000 });
      clock.jump(9_999);
      expect(await given('never')).toBe('kept first');
    }
    clock.jump(50_001);
    expect(fields.find('question')).toBeNull();
    expect(fields.stats().entries).toBe(0);
    expect(runs).toEqual(['first']);
  });

  test('that was confirmed since says nothing to a clock that is put back behind that', async () => {
    const { clock, given } = start();
    const bounds = { until: clock.now() + 10_000, expires: clock.now() + 60_000 };
    await given('first', () => noteBounds('any', () => bounds));
    clock.jump(30_000);
    Object.assign(bounds, { until: clock.now() + 10_000, expires: clock.now() + 60_000 });
    expect(await given('never')).toBe('kept first');
    clock.jump(-1);
    expect(await given('second')).toBe('second');
  });

  test('that cannot be refreshed is worked out once a second, and served to all others', async () => {
    const { clock, given, runs } = start();
    const note = () => noteFresh(0, Number.POSITIVE_INFINITY);
    await given('first', note);
    expect(await given('never', note)).toBe('kept first');
    clock.jump(999);
    expect(await given('never', note)).toBe('kept first');
    clock.jump(1);
    expect(await given('second', note)).toBe('second');
    expect(runs).toEqual(['first', 'second']);
  });

  test('is served no longer than what it is based on may be', async () => {
    const { clock, given } = start();
    const end = clock.now() + 60_000;
    await given('first', () => noteFresh(Number.POSITIVE_INFINITY, end));
    clock.jump(59_999);
    expect(await given('second')).toBe('kept first');
    clock.jump(1);
    expect(await given('third')).toBe('third');
  });

  test('is served so long at the most as others may write unseen', async () => {
    const { clock, given } = start({ longest: 1_000 });
    await given('first', () => clock.jump(600));
    clock.jump(399);
    expect(await given('second')).toBe('kept first');
    clock.jump(1);
    expect(await given('third')).toBe('third');
  });

  test('of the future says nothing: the clock was put back', async () => {
    const { clock, given } = start();
    await given('first');
    clock.jump(-1);
    expect(await given('second')).toBe('second');
  });

  test('that cannot be had anew is not there any more', async () => {
    const { clock, given } = start();
    const now = clock.now();
    await given('first', () => noteFresh(now + 1, now + 60_000));
    clock.jump(1);
    expect(await given('second', () => noteUnkeepable('it is'))).toBe('unkept second');
    expect(await given('third')).toBe('third');
  });
});

describe('the same question at the same moment', () => {
  test('is worked out once', async () => {
    const { ask, given, runs } = start();
    const gate = Promise.withResolvers<void>();
    const first = ask('first', () => gate.promise);
    const others = [given('second'), given('third')];
    gate.resolve();
    await first;

    expect(await Promise.all(others)).toEqual(['kept first', 'kept first']);
    expect(runs).toEqual(['first']);
  });

  test.each([
    ['fails', () => Promise.reject(new Error('no'))],
    ['is true for one moment alone', () => noteUnkeepable('it is')],
  ])('is worked out by each where the first %s', async (_, end) => {
    const { ask, given } = start();
    const gate = Promise.withResolvers<void>();
    const first = ask('first', () => gate.promise.then(end)).catch((error: Error) => error.message);
    const others = [given('second'), given('third')];
    gate.resolve();
    await first;

    expect(await Promise.all(others)).toEqual(['second', 'third']);
  });

  test('does not wait for one that was begun before something was written that it had read', async () => {
    const { fields, ask, given } = start();
    const gate = Promise.withResolvers<void>();
    const first = ask('first', () => {
      noteTouch(one);
      return gate.promise;
    });
    const before = given('second');
    await Promise.resolve();
    fields.written(one);

    expect(await given('third', () => noteTouch(one))).toBe('third');
    gate.resolve();
    await first;
    expect(await before).toBe('second');
    expect(await given('fourth')).toMatch(/^kept (second|third)$/);
  });

  test('asked for afresh is worked out by itself, and what comes of it is kept', async () => {
    const { given, runs } = start();
    await given('first');
    expect(await given('second', undefined, 'fresh')).toBe('second');
    expect(await given('third')).toBe('kept second');
    expect(runs).toEqual(['first', 'second']);
  });
});

describe('memory', () => {
  const keep = (fields: ReturnType<typeof createKeptFields>, question: string, length: number) =>
    fields.ask(question, {
      run: async () => noteTouch(trunks),
      keep: () => ({ bytes: 'x'.repeat(length), tag: '' }),
    });

  test('is bounded: what was asked longest ago goes first, and from the index too', async () => {
    const { fields } = start({ maxBytes: 100_000 });
    for (let each = 0; each < 100; each += 1) await keep(fields, `question ${each}`, 9_000);

    expect(fields.stats().bytes).toBeLessThanOrEqual(100_000);
    expect(fields.find('question 0')).toBeNull();
    expect(fields.find('question 99')).not.toBeNull();
    const { entries } = fields.stats();
    fields.written(trunks);
    expect(fields.stats()).toMatchObject({ entries: 0, dropped: entries, bytes: 0 });
  });

  test('of thousands that one write drops is cleared by and by, and none of them is served meanwhile', async () => {
    const { fields } = start({ maxBytes: 10_000_000 });
    for (let each = 0; each < 2_000; each += 1) await keep(fields, `question ${each}`, 10);
    fields.written(trunks);
    expect(fields.stats().dropped).toBe(2_000);
    expect(fields.stats().entries).toBeGreaterThan(0);
    for (let each = 0; each < 2_000; each += 1) expect(fields.find(`question ${each}`)).toBeNull();

    await keep(fields, 'question 7', 10);
    await keep(fields, 'another', 10);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(fields.stats()).toMatchObject({ entries: 2, dropped: 2_000 });
    expect(fields.find('question 7')).not.toBeNull();
    fields.written(trunks);
    expect(fields.stats()).toMatchObject({ entries: 0, bytes: 0, dropped: 2_002 });
  });

  test('is not given to one that would push out all others', async () => {
    const { fields } = start({ maxBytes: 100_000 });
    await keep(fields, 'small', 1_000);
    await keep(fields, 'large', 50_000);

    expect(fields.find('large')).toBeNull();
    expect(fields.find('small')).not.toBeNull();
  });
});
