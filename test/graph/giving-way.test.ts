import { describe, expect, test } from 'vitest';
import { createTurns, fieldsATurn } from '../../src/graph/turns.ts';
import { startGateway } from '../support/gateway.ts';

/** Turns that are given by hand. */
function byHand() {
  const waiting: (() => void)[] = [];
  const turns = createTurns((next) => void waiting.push(next));
  const letGo: string[] = [];
  return {
    turns,
    /** Who is let go in the next turn. */
    async next() {
      waiting.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
      return letGo.splice(0);
    },
    pauses: () => waiting.length,
    ask: (turn: ReturnType<typeof turns.begin>, fields: number, name: string) =>
      void turn.take(fields)?.then(() => letGo.push(name)),
  };
}

describe('turns', () => {
  test('a usual operation waits for nobody', () => {
    const { turns, pauses } = byHand();
    const turn = turns.begin();
    expect(Array.from({ length: 50 }, () => turn.take(fieldsATurn / 50))).toEqual(Array(50).fill(null));
    expect(pauses()).toBe(0);
    expect(turn.take(1)).toBeInstanceOf(Promise);
    expect(turns.begin().take(fieldsATurn)).toBeNull();
  });

  test('large operations have them one after the other, each in its order, with a pause between any two', async () => {
    const { turns, ask, next, pauses } = byHand();
    const [one, other] = [turns.begin(), turns.begin()];
    for (const turn of [one, other]) turn.take(fieldsATurn);
    for (let i = 0; i < 4; i++) ask(one, fieldsATurn / 2, `one ${i}`);
    ask(other, 5 * fieldsATurn, 'other 0');
    ask(other, 1, 'other 1');
    expect([pauses(), await next()]).toEqual([1, ['one 0', 'one 1']]);
    expect([pauses(), await next()]).toEqual([1, ['other 0']]);
    expect([pauses(), await next()]).toEqual([1, ['one 2', 'one 3']]);
    expect([pauses(), await next()]).toEqual([1, ['other 1']]);
    expect([pauses(), await next()]).toEqual([0, []]);
    ask(one, 1, 'one 4');
    expect([pauses(), await next()]).toEqual([1, ['one 4']]);
  });
});

/** Turns of the event loop while it runs. */
async function turnsOf<Result>(run: () => Promise<Result>): Promise<{ result: Result; turns: number }> {
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const result = await run().finally(() => {
    isDone = true;
  });
  return { result, turns };
}

describe('a large answer', () => {
  const row = 'id e164 status country city monthlyRate { amount currency formatted } trunk { name } client { name }';
  // What is asked twice is worked out once, whatever it is called: no two are the same.
  const page = (i: number) =>
    `r${i}: numbers(first: ${100 - i}) { totalCount nodes { ${row} } edges { node { e164 } } }`;
  const large = (count: number) => `{ ${Array.from({ length: count }, (_, i) => page(i)).join(' ')} }`;

  test('gives a turn to others for each thousand of its fields, and they are answered in between', async () => {
    await using gateway = await startGateway({ sandbox: { numbers: 100 } });
    await gateway.askText(large(1));
    const small = await turnsOf(() => gateway.askText('{ numbers(first: 25) { nodes { e164 status } } }'));
    const done: string[] = [];
    const { result, turns } = await turnsOf(async () => {
      const answer = gateway.askText(large(20)).finally(() => done.push('large'));
      await gateway.askText('{ clients(first: 1) { nodes { name } } }').finally(() => done.push('small'));
      return answer;
    });
    expect(result.errors).toBeUndefined();
    expect(done).toEqual(['small', 'large']);
    // It has 20 pages of 81 to 100 rows with fifteen fields and more each.
    expect(turns - small.turns).toBeGreaterThanOrEqual(20);
  });

  test('is the same as that of its parts, rows in their order', async () => {
    await using gateway = await startGateway({ sandbox: { numbers: 100 } });
    // Which keeps nothing of it.
    await using another = await startGateway({ sandbox: { numbers: 100 } });
    const together = await gateway.askText(large(10));
    for (let i = 0; i < 10; i++) {
      const alone = await another.askText(`{ ${page(i)} }`);
      expect(alone.data?.[`r${i}`]).toMatchObject({ nodes: { length: 100 - i } });
      expect(together.data?.[`r${i}`]).toEqual(alone.data?.[`r${i}`]);
    }
  });
});
