import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { requestLimits, shedIdleConnections } from '../../src/server/request-limits.ts';
import { createPagedGraph, createProtectedYoga, listen, post } from './protected-graph.ts';

const { yoga } = createProtectedYoga(createPagedGraph().schema, []);

/** What a slow sender is answered before it is cut, with the limits a hundred times shorter. */
const short = {
  ...requestLimits,
  headersTimeout: requestLimits.headersTimeout / 100,
  requestTimeout: requestLimits.requestTimeout / 100,
  connectionsCheckingInterval: requestLimits.connectionsCheckingInterval / 100,
};

async function afterSending(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    answer += chunk;
  });
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(text);
  await closed;
  return answer;
}

describe('a slow sender is answered and cut, and others are answered as before:', () => {
  test.each([
    ['one that opens a connection and says nothing', ''],
    ['one that never ends its headers', 'POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    [
      'one that never ends its body',
      'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"query":',
    ],
  ])('%s', async (_, text) => {
    await using server = await listen(yoga, short);

    expect(await afterSending(server.port, text)).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect((await fetch(`${server.url}/graphql?query={hello}`)).status).toBe(200);
  });

  test('headers without end', async () => {
    await using server = await listen(yoga, short);
    const endless = `GET / HTTP/1.1\r\nHost: x\r\n${`X-${'x'.repeat(1000)}: y\r\n`.repeat(100)}`;

    expect(await afterSending(server.port, endless)).toMatch(/^HTTP\/1\.1 431 /);
    expect((await post(yoga, { query: '{ hello }' })).status).toBe(200);
  });
});

describe('connections that ask nothing', () => {
  const sockets: Socket[] = [];
  beforeEach(() => sockets.splice(0));
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
  });
  const open = async (port: number) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  };

  test('5,000 of them do not stop others', async () => {
    await using server = await listen(yoga, requestLimits);
    shedIdleConnections(server.http);
    for (let batch = 0; batch < 10; batch++) await Promise.all(Array.from({ length: 500 }, () => open(server.port)));
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => (await fetch(`${server.url}/graphql?query={hello}`)).json()),
    );

    expect(answers).toEqual(answers.map(() => ({ data: { hello: 'hello' } })));
  }, 90_000);

  test('of too many the one that was idle for longest is cut, and none with a request under way', async () => {
    const gate = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const http = createServer(async (_request, response) => {
      entered.resolve();
      await gate.promise;
      response.end('done');
    });
    shedIdleConnections(http, 2);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const { port } = http.address() as AddressInfo;
    const busy = await open(port);
    busy.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await entered.promise;
    const [first, second] = [await open(port), await open(port)];
    const cut = once(first, 'close');
    const third = await open(port);
    await cut;
    const answer = once(busy, 'data');
    gate.resolve();

    expect(String((await answer)[0])).toContain('done');
    await once(second, 'close');
    expect([busy.destroyed, third.destroyed]).toEqual([false, false]);
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
});
