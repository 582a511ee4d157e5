import type { ExecutionResult } from 'graphql';
import { expect, test, vi } from 'vitest';
import { createStreams, type StreamHandling } from '../../src/server/streams.ts';

const handling: StreamHandling = {
  prepare: (result) => ({ ...result, extensions: { prepared: true } }),
  failed: () => ({ data: { failed: true } }),
  run: (work) => work(),
};

/** A source whose next event comes when the test says so, as of a bus. */
function sourceOf() {
  const pulls: ((result: IteratorResult<ExecutionResult, undefined>) => void)[] = [];
  const left = vi.fn();
  const source: AsyncIterable<ExecutionResult> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise((resolve) => pulls.push(resolve)),
      async return() {
        left();
        return { done: true, value: undefined };
      },
    }),
  };
  return { source, left, give: (data: Record<string, unknown>) => pulls.shift()?.({ done: false, value: { data } }) };
}

test('a subscriber who leaves while waiting gets the end at once, and the source is told', async () => {
  const streams = createStreams();
  const { source, left, give } = sourceOf();
  const stream = streams.follow(source, handling);
  const first = stream.next();
  give({ tick: 1 });
  expect(await first).toEqual({ done: false, value: { data: { tick: 1 }, extensions: { prepared: true } } });

  const waiting = stream.next();
  await stream.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(left).toHaveBeenCalledOnce();
  expect(streams.count()).toBe(0);
});

test('ending all ends each stream and tells each source, and later ones are not affected', async () => {
  const streams = createStreams();
  const sources = [sourceOf(), sourceOf()];
  const waiting = sources.map(({ source }) => streams.follow(source, handling).next());
  expect(streams.count()).toBe(2);

  streams.endAll();
  expect(await Promise.all(waiting)).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
  for (const { left } of sources) expect(left).toHaveBeenCalledOnce();
  expect(streams.count()).toBe(0);
});
