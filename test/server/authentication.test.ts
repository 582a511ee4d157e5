import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { GraphQLError } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useAuthentication } from '../../src/server/authentication.ts';
import { useBodyLimit, usualBody } from '../../src/server/body-limit.ts';
import { createProtectedYoga, listen } from './protected-graph.ts';
import { createSmallServer } from './small-graph.ts';

let gate = Promise.withResolvers<void>();
const schema = createSchema({
  typeDefs: 'type Query { hello: String slow: String } type Subscription { ticks: String }',
  resolvers: {
    Query: { hello: () => 'hello', slow: () => gate.promise.then(() => 'done') },
    Subscription: {
      ticks: {
        async *subscribe() {
          yield { ticks: 'one' };
          await gate.promise;
        },
      },
    },
  },
});

function authenticate({ headers }: Request): string {
  const viewer = headers.get('x-viewer');
  if (viewer !== null) return viewer;
  throw new GraphQLError('Who asks?', { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });
}

let server: Awaited<ReturnType<typeof listen>>;
const sockets: Socket[] = [];
beforeEach(async () => {
  gate = Promise.withResolvers();
  const plugins = [useBodyLimit(() => false), useAuthentication(authenticate, { requests: 3, bytes: usualBody })];
  server = await listen(createProtectedYoga(schema, plugins).yoga);
});
afterEach(async () => {
  gate.resolve();
  for (const socket of sockets.splice(0)) socket.destroy();
  await server[Symbol.asyncDispose]();
});

/** Sends a request, of which more is to come. */
async function begin(port: number, headers: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(`POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${headers}`);
  return socket;
}

async function ask(viewer: string, query: string, { accept = 'application/json', signal }: Asking = {}) {
  const headers = { 'content-type': 'application/json', accept, 'x-viewer': viewer };
  const body = JSON.stringify({ query });
  return fetch(`${server.url}/graphql`, { method: 'POST', headers, body, signal: signal ?? null });
}

interface Asking {
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

async function codeOf(answer: Promise<Response>): Promise<unknown> {
  const { data, errors } = (await (await answer).json()) as Answer;
  return data?.hello ?? errors?.[0]?.extensions.code;
}

interface Answer {
  readonly data?: { readonly hello: string };
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

test('nothing of the body of somebody unknown is waited for', async () => {
  const gateway = createSmallServer({ authenticate });
  const { url } = await gateway.listen();
  const socket = await begin(Number(new URL(url).port), 'Content-Length: 1000000\r\n\r\n{');

  expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 401 /);
  socket.destroy();
  await gateway.close();
});

test.each([
  ['told', `Content-Length: ${usualBody}\r\n\r\n{`],
  ['not told', 'Transfer-Encoding: chunked\r\n\r\n1\r\n{'],
])(
  'bodies of one viewer that do not come are of so many bytes and no more, and others have theirs: %s',
  async (_, length) => {
    const slow = await begin(server.port, `X-Viewer: slow\r\n${length}`);

    await expect.poll(() => codeOf(ask('slow', '{ hello }'))).toBe('TOO_MANY_OPERATIONS');
    expect(await codeOf(ask('other', '{ hello }'))).toBe('hello');
    slow.destroy();
    await expect.poll(() => codeOf(ask('slow', '{ hello }'))).toBe('hello');
  },
);

test('one viewer has so many requests under way and no more, and others have theirs', async () => {
  const waiting = [1, 2, 3].map(() => ask('eager', '{ slow }'));
  await expect.poll(() => codeOf(ask('eager', '{ hello }'))).toBe('TOO_MANY_OPERATIONS');
  const over = await ask('eager', '{ hello }');

  expect([over.status, over.headers.get('retry-after')]).toEqual([429, '5']);
  expect(await codeOf(ask('other', '{ hello }'))).toBe('hello');
  gate.resolve();
  for (const answer of waiting) expect(await (await answer).json()).toEqual({ data: { slow: 'done' } });
  await expect.poll(() => codeOf(ask('eager', '{ hello }'))).toBe('hello');
});

test('a request is under way until its caller is gone', async () => {
  const gone = new AbortController();
  const lost = [1, 2, 3].map(() => ask('eager', '{ slow }', { signal: gone.signal }).catch(() => null));
  await expect.poll(() => codeOf(ask('eager', '{ hello }'))).toBe('TOO_MANY_OPERATIONS');
  gone.abort();
  await Promise.all(lost);

  await expect.poll(() => codeOf(ask('eager', '{ hello }'))).toBe('hello');
});

test('a subscription that has begun is no request under way', async () => {
  for (let count = 0; count < 4; count++)
    expect((await ask('eager', 'subscription { ticks }', { accept: 'text/event-stream' })).status).toBe(200);
});
