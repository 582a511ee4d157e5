import { expect, test } from 'vitest';
import { admissionInterval } from '../../../src/server/subscriptions/admissions.ts';
import { createSmallServer } from '../small-graph.ts';
import { subscribe } from '../sse.ts';

const as = (viewer: string) => ({ headers: { 'x-viewer': viewer } });

/** A server whose viewers are let in until a test says otherwise. */
function startAdmitting() {
  const out = new Set<string>();
  const asked: string[] = [];
  const admissions = new Map<string, () => boolean | Promise<boolean>>();
  const admit = (viewer: string) => async () => {
    asked.push(viewer);
    if (viewer === 'unknown') throw new Error('nobody to ask');
    return !out.has(viewer);
  };
  const server = createSmallServer({
    live: {
      admission({ viewer }) {
        const known = admissions.get(viewer) ?? admit(viewer);
        admissions.set(viewer, known);
        return known;
      },
    },
  });
  return { server, out, asked };
}

test('a viewer who is no longer let in loses each subscription with its cursor, and the others keep theirs', async () => {
  const { server, out, asked } = startAdmitting();
  const streams = [];
  for (const viewer of ['one', 'one', 'two', 'unknown']) {
    streams.push(await subscribe(server, 'subscription { ticks }', as(viewer)));
    expect(await streams.at(-1)?.next()).toEqual({ id: 'c0' });
  }
  await server.clock.advance(admissionInterval);
  expect(asked).toEqual(['one', 'two', 'unknown']);
  expect(server.subscribers()).toBe(4);

  out.add('one');
  await server.clock.advance(admissionInterval - 1);
  expect(server.subscribers()).toBe(4);
  await server.clock.advance(1);

  expect(server.subscribers()).toBe(2);
  for (const stream of streams.slice(0, 2)) {
    const [ending, complete] = await stream.rest();
    expect(JSON.parse(ending?.data ?? '')).toEqual({
      errors: [{ message: expect.any(String), extensions: { code: 'FORBIDDEN', cursor: 'c0' } }],
    });
    expect(ending).not.toHaveProperty('retry');
    expect(complete).toEqual({ event: 'complete', data: '' });
  }
  await Promise.all(streams.map((stream) => stream.leave()));
  await server.close();
});

test('nobody is asked about where nobody subscribes', async () => {
  const { server, asked } = startAdmitting();
  const stream = await subscribe(server, 'subscription { ticks }', as('one'));
  await stream.leave();

  await server.clock.advance(3 * admissionInterval);

  expect(asked).toEqual([]);
  expect(server.clock.pending()).toBe(0);
  await server.close();
});
