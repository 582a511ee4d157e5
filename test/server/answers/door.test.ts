import { request as send } from 'node:http';
import { expect, test } from 'vitest';
import { createAnswers } from '../../../src/cache/answers.ts';
import { createKeptFields } from '../../../src/cache/kept-fields.ts';
import { ownPlace } from '../../../src/graph/place.ts';
import { createFakeClock } from '../../support/clock.ts';
import { createSmallServer } from '../small-graph.ts';

/** A small server that keeps answers. */
async function start() {
  const clock = createFakeClock();
  const fields = createKeptFields({ clock, maxBytes: 1_000_000 });
  const answers = createAnswers({ fields, maxBytes: 1_000_000 });
  const audience = async ({ headers }: Request) => headers.get('x-viewer') ?? '';
  const server = createSmallServer({
    clock,
    answers: {
      ...{ answers, fields, requestBytes: 1_000_000, audience },
      audienceOf: ({ viewer }) => viewer,
      partOf: (context) => ({ ...context }),
    },
    createContext: (request, requestId) => ({
      ...{
        greeting: 'Zoë €5 👋',
        requestId,
        signal: request.signal,
        viewer: request.headers.get('x-viewer') ?? '',
        scope: '',
        place: ownPlace(),
      },
    }),
  });
  const { url } = await server.listen();
  const post = (query: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
      ...(signal && { signal }),
    });
  return { ...server, answers, fields, url, post, [Symbol.asyncDispose]: () => server.close() };
}

test('a caller who goes ends what runs for them, and who asked the same runs it alone', async () => {
  await using server = await start();
  const leaving = new AbortController();
  const first = server.post('{ slow }', {}, leaving.signal).catch((error: Error) => error.name);
  await server.stage.entered.promise;
  const second = server.post('{ slow }');
  // Until that has arrived.
  await (await server.post('{ hello }')).text();
  leaving.abort();
  await server.stage.cancelled.promise;
  expect(await first).toBe('AbortError');

  server.stage.gate.resolve();
  expect(await (await second).json()).toMatchObject({ data: { slow: 'done' } });
});

test('the same question at the same moment runs once for all who ask it', async () => {
  await using server = await start();
  const first = server.post('{ slow }');
  await server.stage.entered.promise;
  const others = [server.post('{ slow }'), server.post('{slow}'), server.post('{ slow }', { 'x-viewer': 'two' })];
  await expect.poll(() => server.fields.stats().workedOut).toBe(2);
  server.stage.gate.resolve();
  for (const each of await Promise.all([first, ...others]))
    expect(await each.json()).toMatchObject({ data: { slow: 'done' } });

  // The second viewer's is a question of its own; the other text asks the same.
  expect(server.fields.stats()).toMatchObject({ workedOut: 2 });
});

test('a caller who goes in the middle of a body leaves nothing behind', async () => {
  await using server = await start();
  const { port } = new URL(server.url);
  const headers = { 'content-type': 'application/json', 'content-length': '100' };
  const sending = send({ host: '127.0.0.1', port, method: 'POST', path: '/graphql', headers });
  const gone = new Promise((resolve) => sending.once('close', resolve));
  sending.on('error', () => undefined).write('{"query":');
  await new Promise((resolve) => setImmediate(resolve));
  sending.destroy();
  await gone;

  expect((await server.post('{ hello }')).status).toBe(200);
  expect(server.stage.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a stopping server answers nothing at once that it would not answer the whole way', async () => {
  const server = await start();
  await (await server.post('{ hello }')).text();
  expect((await server.post('{ hello }')).headers.get('etag')).not.toBeNull();
  const slow = server.post('{ slow }');
  await server.stage.entered.promise;
  const closed = server.close();
  await expect(server.post('{ hello }')).rejects.toThrow();
  server.stage.gate.resolve();
  expect((await slow).status).toBe(200);
  await closed;
});

test('answers of more than single bytes come whole', async () => {
  await using server = await start();
  const ask = async (headers = {}) => (await server.post('{ hello(times: 2) }', headers)).text();
  const whole = await ask({ 'cache-control': 'no-store' });

  expect(JSON.parse(whole)).toEqual({
    data: { hello: 'Zoë €5 👋Zoë €5 👋' },
    extensions: { upstream: { greeting: 'Zoë €5 👋' } },
  });
  expect(await ask()).toBe(whole);
  expect(await ask()).toBe(whole);
  expect(await ask({ accept: '*/*, text/plain' })).toBe(whole);
  expect(server.answers.stats()).toMatchObject({ hits: 2 });
  expect(server.fields.stats()).toMatchObject({ workedOut: 1 });
});
