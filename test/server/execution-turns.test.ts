import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExecutionTurns } from '../../src/server/execution-turns.ts';
import { work } from '../../src/server/work.ts';
import { ask, createSmallServer } from './small-graph.ts';

describe('turns', () => {
  test('are given to one at a time in the order of asking, and at once where nobody has had this one', async () => {
    const pauses: (() => void)[] = [];
    const takeTurn = createExecutionTurns((next) => void pauses.push(next));
    const begun: string[] = [];
    expect(takeTurn()).toBeNull();
    for (const name of ['second', 'third']) void takeTurn()?.then(() => begun.push(name));
    const nextTurn = async () => {
      pauses.shift()?.();
      await Promise.resolve();
      return [...begun];
    };
    expect(await nextTurn()).toEqual(['second']);
    expect(await nextTurn()).toEqual(['second', 'third']);
    expect(takeTurn()).not.toBeNull();
    await nextTurn();
    await nextTurn();
    expect([takeTurn(), pauses.length]).toEqual([null, 1]);
  });
});

describe('operations that come at the same moment', () => {
  let server: ReturnType<typeof createSmallServer>;
  /** The turn of the event loop in which each was executed. */
  let executedIn: number[] = [];
  let turn = 0;
  let counting: NodeJS.Immediate;
  const note = () => void executedIn.push(turn);

  beforeEach(() => {
    server = createSmallServer();
    executedIn = [];
    const count = () => {
      turn += 1;
      counting = setImmediate(count);
    };
    count();
    work.executed.subscribe(note);
  });
  afterEach(async () => {
    work.executed.unsubscribe(note);
    clearImmediate(counting);
    await server.close();
  });

  test('are executed in as many turns of the event loop, each with its own answer', async () => {
    const times = Array.from({ length: 20 }, (_, place) => place + 1);
    const answers = await Promise.all(times.map((count) => ask(server, `{ hello(times: ${count}) }`)));
    expect(answers.map(({ body }) => body.data?.['hello'])).toEqual(times.map((count) => 'hello'.repeat(count)));
    expect(new Set(executedIn).size).toBe(20);
  });

  test('keep nobody from being answered who waits for something else', async () => {
    const slow = ask(server, '{ slow }');
    const others = await Promise.all(Array.from({ length: 5 }, () => ask(server, '{ hello }')));
    expect(others.map(({ body }) => body.data)).toEqual(Array(5).fill({ hello: 'hello' }));
    server.stage.gate.resolve();
    expect((await slow).body.data).toEqual({ slow: 'done' });
  });
});
