import { once } from 'node:events';
import { connect } from 'node:net';
import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { all, ask, createSmallServer } from './small-graph.ts';

let server: ReturnType<typeof createSmallServer>;
beforeEach(() => {
  server = createSmallServer();
});
afterEach(() => server.close());

const errorLines = () => server.stage.lines.filter((line) => line['level'] === 'error');

async function overSocket(query: string, variables: Record<string, unknown> = {}): Promise<unknown> {
  const url = `${(await server.listen()).url.replace('http', 'ws')}/graphql`;
  const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
  const results = await all(client.iterate({ query, variables })).catch((errors: unknown) => [{ errors }]);
  await client.dispose();
  return results[0];
}

describe('a document that is nested too deeply', () => {
  const nested = (open: string, inside: string, close: string, depth = 5000) =>
    open.repeat(depth) + inside + close.repeat(depth);

  test.each([
    ['selections', `{ ${nested('a{', 'a', '}')} }`],
    ['fragments within fragments', `{ ${nested('...{', 'hello', '}', 2000)} }`],
    ['a list', `{ hello(times: ${nested('[', '1', ']')}) }`],
  ])('is a fault of the request, told without a stack in the log: %s', async (_, query) => {
    const { status, body } = await ask(server, query);

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'tokens' } }]);
    expect(await overSocket(query)).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
    expect(errorLines()).toEqual([]);
  });
});

describe('a NUL character, which no database text can hold,', () => {
  const refused = [{ extensions: { code: 'BAD_USER_INPUT' }, message: expect.stringContaining('NUL character') }];

  test.each([
    ['a literal', '{ greet(name: "a\\u0000b") }', {}],
    ['a literal within an object', '{ greetAll(names: [{ name: "\\u0000" }]) }', {}],
    ['a variable', 'query ($name: String) { greet(name: $name) }', { name: 'a\0b' }],
    [
      'a variable within an object',
      'query ($n: [Name!]) { greetAll(names: $n) }',
      { n: [{ name: 'a' }, { name: '\0' }] },
    ],
    ['a variable of a subscription', 'subscription ($name: String) { greeted(name: $name) }', { name: '\0' }],
  ])('is refused in %s, over HTTP and over the WebSocket', async (_, query, variables) => {
    const { status, body } = await ask(server, query, { variables });

    expect(status).toBe(400);
    expect(body.errors).toMatchObject(refused);
    expect(await overSocket(query, variables)).toMatchObject({ errors: refused });
    expect(errorLines()).toEqual([]);
  });

  test('is looked for in variables of any depth and length', async () => {
    const deep = `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)},"y":[${'0,'.repeat(300_000)}0]}`;
    const request = new Request('http://gateway/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"query":"{ hello }","variables":${deep}}`,
    });

    expect(await (await server.fetch(request)).json()).toMatchObject({ data: { hello: 'hello' } });
  });
});

test('a body that its caller cuts off is no error of the gateway', async () => {
  const failed = Promise.withResolvers<void>();
  const reading = createSmallServer({
    routes: [
      {
        path: '/hook',
        methods: ['POST'],
        handle: (request) => request.text().then(Response.json).finally(failed.resolve),
      },
    ],
  });
  const socket = connect(Number(new URL((await reading.listen()).url).port), '127.0.0.1');
  await once(socket, 'connect');
  await new Promise((sent) =>
    socket.write('POST /hook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"event":', sent),
  );
  socket.destroy();
  await failed.promise;
  await reading.close();

  expect(reading.stage.lines).toMatchObject([{ level: 'debug', msg: 'The caller is gone', path: '/hook' }]);
});
