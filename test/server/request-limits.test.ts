import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limitConnections, requestLimits } from '../../src/server/request-limits.ts';
import { createSmallServer } from './small-graph.ts';

const { http } = requestLimits;
/** A hundred times shorter. */
const short = {
  ...requestLimits,
  http: {
    ...http,
    headersTimeout: http.headersTimeout / 100,
    requestTimeout: http.requestTimeout / 100,
    connectionsCheckingInterval: http.connectionsCheckingInterval / 100,
  },
};

let server: ReturnType<typeof createSmallServer>;
let url = '';
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.close();
});

async function start(options: Parameters<typeof createSmallServer>[0] = {}): Promise<void> {
  server = createSmallServer(options);
  url = (await server.listen()).url;
}

async function open(): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

const asked = async () => (await fetch(`${url}/graphql?query={hello}`)).status;

describe('a slow sender is answered and cut, and others are answered as before:', () => {
  beforeEach(() => start({ limits: short }));

  async function afterSending(text: string): Promise<string> {
    const socket = await open();
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk;
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(text);
    await closed;
    return answer;
  }

  const json = 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  test.each([
    ['one that opens a connection and says nothing', ''],
    ['one that never ends its headers', 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Slow: '],
    ['one that never ends its body', `${json}Content-Length: 100\r\n\r\n{"query":`],
    ['one that never ends a body of unknown length', `${json}Transfer-Encoding: chunked\r\n\r\n1\r\n{`],
  ])('%s', async (_, text) => {
    expect(await afterSending(text)).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect(await asked()).toBe(200);
  });

  test('headers without end', async () => {
    const endless = `GET / HTTP/1.1\r\nHost: localhost\r\n${`X-${'x'.repeat(1000)}: y\r\n`.repeat(100)}`;

    expect(await afterSending(endless)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await asked()).toBe(200);
  });
});

test('who reads nothing of an answer is cut', async () => {
  const answers: ServerResponse[] = [];
  const much = createServer((_, answer) => {
    answers.push(answer);
    answer.end(Buffer.alloc(50_000_000));
  });
  limitConnections(much, { ...requestLimits, mostStill: 100 });
  much.listen(0, '127.0.0.1');
  await once(much, 'listening');
  const address = much.address();
  const deaf = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1');
  sockets.push(deaf);
  deaf.pause();
  deaf.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');

  await expect
    .poll(() => answers.map(({ closed, writableFinished }) => [closed, writableFinished]))
    .toEqual([[true, false]]);
  much.close();
});

describe('connections that ask nothing', () => {
  test('5,000 of them do not stop others', async () => {
    await start();
    for (let batch = 0; batch < 10; batch++) await Promise.all(Array.from({ length: 500 }, () => open()));
    const answers = await Promise.all(Array.from({ length: 20 }, asked));

    expect(answers).toEqual(answers.map(() => 200));
  }, 90_000);

  test('of too many the one that was idle for longest is cut, and none with a request under way', async () => {
    await start({ limits: { ...requestLimits, mostIdle: 2 } });
    const busy = await open();
    busy.write('GET /graphql?query={slow} HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await server.stage.entered.promise;
    const [first, second] = [await open(), await open()];
    const cut = once(first, 'close');
    const third = await open();
    await cut;
    const answer = once(busy, 'data');
    server.stage.gate.resolve();

    expect(String((await answer)[0])).toMatch(/^HTTP\/1\.1 200 /);
    await once(second, 'close');
    expect([busy.destroyed, third.destroyed]).toEqual([false, false]);
  });
});
