import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { all, createSmallServer } from './small-graph.ts';

let server: ReturnType<typeof createSmallServer>;
let url = '';
beforeEach(async () => {
  server = createSmallServer();
  url = (await server.listen()).url;
});
afterEach(() => server.close());

const socketUrl = () => `${url.replace('http', 'ws')}/graphql`;
const clientOf = () =>
  createClient({
    url: socketUrl(),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => undefined,
  });

async function collect(query: string): Promise<unknown[]> {
  const client = clientOf();
  const results = await all(client.iterate({ query }));
  await client.dispose();
  return results;
}

describe('over the WebSocket', () => {
  test('a subscription gives its events in order, each with the extensions, then completes', async () => {
    const extensions = { upstream: { greeting: 'hello' } };

    expect(await collect('subscription { countdown(from: 2) }')).toEqual([
      { data: { countdown: 2 }, extensions },
      { data: { countdown: 1 }, extensions },
      { data: { countdown: 0 }, extensions },
    ]);
    expect(server.subscribers()).toBe(0);
  });

  test('queries and mutations run as well, with errors masked as over HTTP', async () => {
    expect(await collect('{ hello broken }')).toMatchObject([
      {
        data: { hello: 'hello', broken: null },
        errors: [
          { extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) } },
        ],
      },
    ]);
    expect(await collect('mutation { change }')).toMatchObject([{ data: { change: 'changed' } }]);
    expect(server.stage.lines.filter((line) => line['level'] === 'error')).toHaveLength(1);
  });

  test.each([
    ['a source that fails', 'subscription { fails }', 2],
    ['an event that fails', 'subscription { brokenEvents { value broken } }', 1],
  ])('is masked and logged under its request id: %s', async (_, query, count) => {
    const results = await collect(query);

    expect(results).toHaveLength(count);
    expect(results.at(-1)).toMatchObject({ errors: [{ message: 'Unexpected error.' }] });
    expect(JSON.stringify(results)).not.toContain('secret');
    const [logged] = server.stage.lines.filter((line) => line['level'] === 'error');
    expect(results.at(-1)).toMatchObject({ errors: [{ extensions: { requestId: logged?.['requestId'] } }] });
    expect(logged?.['requestId']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a document that is not valid is refused with its code, and the socket stays open', async () => {
    const client = clientOf();
    const refused = all(client.iterate({ query: '{ nothing }' }));

    await expect(refused).rejects.toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    expect(await all(client.iterate({ query: '{ hello }' }))).toHaveLength(1);
    await client.dispose();
  });

  test('a context that cannot be made is an error of the operation, not of the socket', async () => {
    const failing = createSmallServer({
      createContext: () => {
        throw new Error('the secret inside');
      },
    });
    url = (await failing.listen()).url;

    await expect(collect('{ hello }')).rejects.toMatchObject([
      { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
    await failing.close();
  });

  test('the source is told when its subscriber completes, also while it waits for an event', async () => {
    const client = clientOf();
    const results = client.iterate({ query: 'subscription { silent }' });
    await results.next();
    expect(server.subscribers()).toBe(1);

    await results.return?.();
    await server.stage.sourceEnded.promise;
    expect(server.subscribers()).toBe(0);
    await client.dispose();
  });

  test.each([
    ['a source', 'subscription { silent }', () => server.stage.sourceEnded.promise],
    ['a query that runs', '{ slow }', () => server.stage.cancelled.promise],
  ])('%s is told when its caller’s connection is cut', async (_, query, told) => {
    const socket = new WebSocket(socketUrl(), 'graphql-transport-ws');
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
    await new Promise<void>((resolve) => {
      server.stage.entered.promise.then(resolve);
      socket.on('message', (data) => {
        const { type } = JSON.parse(String(data)) as { type: string };
        if (type === 'connection_ack') {
          socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
        }
        if (type === 'next') resolve();
      });
    });
    socket.terminate();

    await told();
    expect(server.subscribers()).toBe(0);
    server.stage.gate.resolve();
  });

  test.each([
    ['https://elsewhere.example', 403],
    ['null', 403],
    ['http://127.0.0.1:4000', 101],
    ['the same host', 101],
  ])('a browser’s page of %s is answered %i', async (origin, status) => {
    const answered = await handshake('/graphql', origin === 'the same host' ? url : origin);

    expect(answered).toBe(status);
  });

  test('a message that is too long closes its own socket, with nothing printed beside the log', async () => {
    const printed = vi.spyOn(console, 'error');
    const socket = new WebSocket(socketUrl(), 'graphql-transport-ws');
    const code = Promise.withResolvers<number>();
    socket.on('close', (closedWith) => code.resolve(closedWith));
    socket.on('open', () => socket.send('x'.repeat(1_000_001)));

    expect(await code.promise).toBe(1009);
    expect(printed).not.toHaveBeenCalled();
    expect(server.stage.lines).toMatchObject([{ level: 'debug', msg: 'A socket failed' }]);
    expect(await collect('{ hello }')).toHaveLength(1);
  });

  test('no socket is opened elsewhere', async () => {
    expect(await handshake('/webhooks/didfarm')).toBe(404);
  });
});

describe('over server-sent events', () => {
  const subscribe = (query: string, signal?: AbortSignal) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-request-id': 'page-5' },
      body: JSON.stringify({ query }),
      signal: signal ?? null,
    });

  test('a subscription gives its events and completes', async () => {
    const text = await (await subscribe('subscription { countdown(from: 1) }')).text();

    expect(text.match(/"countdown":\d/g)).toEqual(['"countdown":1', '"countdown":0']);
    expect(text).toContain('event: complete');
  });

  test('an event’s error is masked under the id of the request that subscribed', async () => {
    const text = await (await subscribe('subscription { brokenEvents { broken } }')).text();

    expect(text).toContain('"requestId":"page-5"');
    expect(text).not.toContain('secret');
  });

  test('the source is told when the caller is gone', async () => {
    const caller = new AbortController();
    const response = await subscribe('subscription { silent }', caller.signal);
    const reader = response.body?.getReader();
    let seen = '';
    while (!seen.includes('"silent":1')) seen += new TextDecoder().decode((await reader?.read())?.value);
    expect(server.subscribers()).toBe(1);

    caller.abort();
    await server.stage.sourceEnded.promise;
  });
});

/** The status of the answer to a WebSocket handshake. */
function handshake(path: string, origin?: string): Promise<number> {
  const socket = new WebSocket(
    new URL(path, socketUrl()),
    'graphql-transport-ws',
    origin === undefined ? {} : { origin },
  );
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.close();
      resolve(101);
    });
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.once('error', reject);
  });
}
