import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { createClient } from 'graphql-sse';
import { EventSource } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commentInterval, longestLife, patience } from '../../src/server/event-stream-body.ts';
import { all, createSmallServer } from './small-graph.ts';
import { subscribe } from './sse.ts';

const ticks = 'subscription ($after: String, $first: Boolean) { ticks(after: $after, first: $first) }';

let server: ReturnType<typeof createSmallServer>;
beforeEach(() => {
  server = createSmallServer();
});
afterEach(() => server.close());
const eventStream = { accept: 'text/event-stream' };
const append = (count: number) => {
  for (let index = 0; index < count; index++) server.stage.log.append();
};

describe('an event stream', () => {
  test('gives each result with the cursor to go on from, and before the first the cursor of where it began', async () => {
    append(3);
    const stream = await subscribe(server, ticks);
    expect(stream.headers.get('content-type')).toBe('text/event-stream');

    expect(await stream.next()).toEqual({ id: 'c3' });
    append(2);
    expect(await stream.next()).toMatchObject({
      id: 'c4',
      event: 'next',
      data: expect.stringContaining('"ticks":"4"'),
    });
    expect(await stream.next()).toMatchObject({ id: 'c5', event: 'next' });
    await stream.leave();
    expect(server.subscribers()).toBe(0);
  });

  test('gives no cursor between the first results, which would be given anew', async () => {
    append(2);
    const stream = await subscribe(server, ticks, { variables: { first: true } });

    expect(await stream.next()).not.toHaveProperty('id');
    expect(await stream.next()).toMatchObject({ id: 'c2', event: 'next' });
    await stream.leave();
  });

  test('goes on after Last-Event-ID, without first results and whatever `after` says', async () => {
    append(5);
    const headers = { 'last-event-id': 'c2' };

    for (const variables of [{}, { first: true }, { after: 'c4' }]) {
      const stream = await subscribe(server, ticks, { variables, headers });
      expect(await stream.take(3)).toEqual(['3', '4', '5']);
      await stream.leave();
    }
  });

  test('is refused after a Last-Event-ID that is none of ours', async () => {
    const stream = await subscribe(server, ticks, { headers: { 'last-event-id': 'nonsense' } });

    expect((await stream.next()).data).toContain('BAD_USER_INPUT');
    expect(server.subscribers()).toBe(0);
  });

  test.each([
    ['a cursor that is none of ours', '{ ticks(after: "nonsense") }', 'BAD_USER_INPUT', 400],
    ['a place that is gone from the log', '{ ticks(after: "gone") }', 'CURSOR_EXPIRED', 410],
    ['a field that there is not', '{ tocks }', 'GRAPHQL_VALIDATION_FAILED', 400],
    ['a document that cannot be read', '{', 'GRAPHQL_PARSE_FAILED', 400],
  ])(
    'with %s is refused with a status that an EventSource does not come back after',
    async (_, fields, code, status) => {
      const { url } = await server.listen();
      const query = `subscription ${fields}`;
      const source = new EventSource(`${url}/graphql?query=${encodeURIComponent(query)}`, {
        node: { reconnectionTime: 1 },
      });
      await once(source, 'error');
      expect(source.readyState).toBe(EventSource.CLOSED);

      const answer = await fetch(`${url}/graphql?query=${encodeURIComponent(query)}`, { headers: eventStream });
      expect(answer.status).toBe(status);
      expect(await answer.text()).toContain(`"code":"${code}"`);
    },
  );

  test('whose storage fails as it begins is asked for again by an EventSource', async () => {
    const { url } = await server.listen();
    const failing = `${url}/graphql?query=${encodeURIComponent('subscription { ticks(after: "broken") }')}`;

    const answer = await fetch(failing, { headers: eventStream });

    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('INTERNAL_SERVER_ERROR');
  });

  test('is refused to graphql-sse with a result that says why, at once', async () => {
    const { url } = await server.listen();
    const client = createClient({ url: `${url}/graphql`, retryAttempts: 0 });

    const results = await all(client.iterate({ query: 'subscription { ticks(after: "gone") }' }));

    expect(results).toMatchObject([{ errors: [{ extensions: { code: 'CURSOR_EXPIRED' } }] }]);
    client.dispose();
  });

  test('is refused to a caller who takes no event streams, and leaves nothing behind', async () => {
    const body = JSON.stringify({ query: ticks });
    const headers = { 'content-type': 'application/json', accept: 'application/json' };

    const { status } = await server.fetch(new Request('http://gateway/graphql', { method: 'POST', headers, body }));

    expect(status).toBe(406);
    expect(server.subscribers()).toBe(0);
  });

  test('breaks its silence with a comment, by the clock', async () => {
    const { url } = await server.listen();
    const response = await fetch(`${url}/graphql?query=${encodeURIComponent('subscription { ticks }')}`, {
      headers: { accept: 'text/event-stream' },
    });
    const reader = response.body?.getReader();
    const read = async () => Buffer.from((await reader?.read())?.value ?? []).toString();
    let text = await read();
    while (!text.endsWith('id: c0\n\n')) text += await read();
    expect(text).toBe(':\n\nid: c0\n\n');

    const silence = read();
    await server.clock.advance(commentInterval - 1);
    expect(await Promise.race([silence, setImmediate('silent')])).toBe('silent');
    await server.clock.advance(1);
    expect(await silence).toBe(':\n\n');
    await reader?.cancel();
  });

  test('to an EventSource is broken off within ten minutes, to be gone on with where it was', async () => {
    const { url } = await server.listen();
    const address = `${url}/graphql?query=${encodeURIComponent(ticks)}`;
    const life = longestLife * 0.75;
    const response = await fetch(address, { headers: eventStream });
    const text = response.text();
    await server.clock.advance(0);
    append(2);
    await server.clock.advance(life - 1);
    expect(server.subscribers()).toBe(1);

    await server.clock.advance(1);

    expect(await text).toMatch(/^id: c2\nevent: next\ndata: .+\n\n(:\n\n)+retry: 1000\n\n$/m);
    expect(await text).not.toContain('complete');
    expect(server.subscribers()).toBe(0);
    expect(server.stage.log.waiting()).toBe(0);
    append(1);
    const again = await fetch(address, { headers: { ...eventStream, 'last-event-id': 'c2' } });
    const reader = again.body?.getReader();
    let had = '';
    while (!had.includes('event: next')) had += Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(had).toContain('id: c3');
    await reader?.cancel();
  });

  test('to an EventSource that has nothing yet to go on from lasts on', async () => {
    const { url } = await server.listen();
    const address = `${url}/graphql?query=${encodeURIComponent('subscription { silent }')}`;
    const response = await fetch(address, { headers: eventStream });
    const text = response.text();

    await server.clock.advance(2 * longestLife);

    expect(server.subscribers()).toBe(1);
    await server.close();
    expect(await text).toContain('event: complete');
  });

  test('to graphql-sse, which would begin anew, lasts on', async () => {
    const { url } = await server.listen();
    const client = createClient({ url: `${url}/graphql`, retryAttempts: 0 });
    const results = client.iterate({ query: ticks });
    const first = results.next();
    while (server.stage.log.waiting() === 0) await setImmediate();

    await server.clock.advance(2 * longestLife);

    append(1);
    expect(await first).toMatchObject({ value: { data: { ticks: '1' } } });
    client.dispose();
  });

  test('of a reader that stops ends as too slow, with the cursor of the last that it read, and others are not delayed', async () => {
    const [stopped, reading] = [await subscribe(server, ticks), await subscribe(server, ticks)];
    append(1);
    expect(await stopped.take(1)).toEqual(['1']);

    for (let seq = 1; seq <= 2_000; seq += 1) {
      if (seq > 1) append(1);
      expect(await reading.take(1)).toEqual([`${seq}`]);
    }
    expect(server.subscribers()).toBe(1);

    const rest = await stopped.rest();
    const last = rest.findLast((block) => block.id !== undefined);
    const ending = rest.at(-2);
    expect(JSON.parse(ending?.data ?? '')).toMatchObject({
      errors: [{ extensions: { code: 'TOO_SLOW', cursor: last?.id, retryAfter: expect.any(Number) } }],
    });
    expect(ending?.retry).toMatch(/^\d+$/);
    expect(rest.at(-1)).toEqual({ event: 'complete', data: '' });
    // All that it was not given is after that cursor.
    const resumed = await subscribe(server, ticks, { headers: { 'last-event-id': last?.id ?? '' } });
    expect(await resumed.take(1)).toEqual([`${Number(last?.id?.slice(1)) + 1}`]);
    await Promise.all([resumed.leave(), reading.leave()]);
  });

  test('that is not read for a minute is cut', async () => {
    const stream = await subscribe(server, ticks);
    await stream.next();
    append(3);
    await server.clock.advance(patience - 1);
    expect(server.subscribers()).toBe(1);

    await server.clock.advance(1);

    expect(server.subscribers()).toBe(0);
    expect(server.stage.log.waiting()).toBe(0);
  });
});
