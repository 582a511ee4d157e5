import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { atRate, topRate, warmUp } from '../../../bench/load/load.ts';
import { requestBytes } from '../../../bench/load/requests.ts';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

const target = (url: string) => ({ url, next: () => requestBytes(url, '{ wallet { asOf } }') });

test('requests at a fixed rate do not wait for the answers to earlier ones, and waiting counts from when each was due', async () => {
  const all = 50;
  const rate = 10_000;
  const waiting: ServerResponse[] = [];
  const url = await serve((_request, response) => {
    waiting.push(response);
    if (waiting.length === all) for (const each of waiting) each.end('{"data":{}}');
  });

  const load = await atRate(target(url), rate, (all * 1000) / rate);

  expect(load.answered).toBe(all);
  // The first one was answered after the last one was due.
  expect(load.slowest).toBeGreaterThanOrEqual(((all - 1) * 1000) / rate);
  expect(load.p50).toBeGreaterThan(0);
});

test('a caller that waits for its answers asks again as soon as it has one', async () => {
  let asked = 0;
  const url = await serve((_request, response) => {
    asked += 1;
    response.end('{"data":{}}');
  });

  const load = await topRate(target(url), 20);

  expect(load.answered).toBe(asked);
  expect(load.rate).toBeGreaterThan(0);
});

test('where there are few different requests, each is asked once before any counts', async () => {
  const bodies: string[] = [];
  const url = await serve(async (request, response) => {
    bodies.push(Buffer.concat(await request.toArray()).toString());
    response.end('{"data":{}}');
  });
  const all = Array.from({ length: 100 }, (_, place) => requestBytes(url, `{ a${place}: __typename }`));

  await warmUp({ ...target(url), all }, 1);

  const seen = new Set(bodies);
  expect(all.filter((bytes) => !seen.has(bytes.toString().split('\r\n\r\n')[1] ?? ''))).toEqual([]);
});

test.each([
  [
    'with its length',
    (response: ServerResponse, body: string) => response.setHeader('content-length', Buffer.byteLength(body)).end(body),
  ],
  [
    'in chunks',
    (response: ServerResponse, body: string) => response.write(body.slice(0, 2), () => response.end(body.slice(2))),
  ],
  ['larger than what is read at once', (response: ServerResponse) => response.end(`{"data":"${'x'.repeat(200_000)}"}`)],
])('an answer %s is read to its end', async (_how, answer) => {
  const url = await serve((_request, response) => void answer(response, '{"data":{}}'));

  expect((await atRate(target(url), 1_000, 10)).answered).toBe(10);
});

test.each([
  ['is not 200', (response: ServerResponse) => response.writeHead(503).end('{"data":{}}'), /503/],
  ['has errors', (response: ServerResponse) => response.end('{"errors":[{"message":"no"}]}'), /errors/],
  [
    'is cut off',
    (response: ServerResponse) => response.write('{', () => response.destroy()),
    /closed before its answer/,
  ],
])('an answer that %s ends the measurement', async (_how, answer, message) => {
  const url = await serve((_request, response) => void answer(response));

  await expect(topRate(target(url), 1_000)).rejects.toThrow(message);
});
