import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTransport, defaultLimits, type TransportLimits, type WireRequest } from '../../src/didfarm/transport.ts';
import { createUpstream, failureOf } from './support/upstream.ts';

function createSubject(limits: Partial<TransportLimits> = {}) {
  const transport = createTransport({ ...defaultLimits, ...limits });
  onTestFinished(() => transport.close());
  let sent = 0;
  const send = (url: string, method: WireRequest['method'] = 'GET', signal = new AbortController().signal) =>
    transport.send({ call: `${method} /x`, method, url, headers: {} }, signal, () => {
      sent += 1;
    });
  return { send, sent: () => sent };
}

/** A port on which nobody listens. */
async function deadUrl(): Promise<string> {
  const upstream = await createUpstream((response) => response.end());
  await upstream.close();
  return upstream.url;
}

describe('connections', () => {
  test('are kept for reading', async () => {
    const upstream = await createUpstream((response) => response.end('{}'));
    const { send } = createSubject();
    for (let i = 0; i < 5; i++) {
      await send(upstream.url);
      await setImmediate(); // the connection is back a turn after its answer
    }
    expect(new Set(upstream.seen.map(({ port }) => port)).size).toBe(1);
  });

  test('are new for each call that changes something', async () => {
    const upstream = await createUpstream((response) => response.end('{}'));
    const { send } = createSubject();
    await send(upstream.url);
    await Promise.all([send(upstream.url, 'POST'), send(upstream.url, 'POST'), send(upstream.url)]);
    await send(upstream.url, 'POST');
    const posts = upstream.seen.filter(({ method }) => method === 'POST');
    const others = upstream.seen.filter(({ method }) => method === 'GET').map(({ port }) => port);
    expect(new Set(posts.map(({ port }) => port)).size).toBe(3);
    expect(posts.some(({ port }) => others.includes(port))).toBe(false);
  });
});

describe('a request that failed', () => {
  test.each(['GET', 'POST'] as const)('was not sent where nobody listens (%s)', async (method) => {
    const { send, sent } = createSubject();
    const failure = await failureOf(send(await deadUrl(), method));
    expect(failure).toMatchObject({ name: 'UpstreamUnreachable', sent: false, cause: { message: 'ECONNREFUSED' } });
    expect(sent()).toBe(0);
  });

  test('was not sent where the name is unknown', async () => {
    const { send, sent } = createSubject();
    expect(await failureOf(send('http://name.invalid/', 'POST'))).toMatchObject({
      name: 'UpstreamUnreachable',
      sent: false,
    });
    expect(sent()).toBe(0);
  });

  test('was not sent where TLS did not come about', async () => {
    const upstream = await createUpstream((response) => response.end());
    const { send, sent } = createSubject();
    const failure = await failureOf(send(upstream.url.replace('http:', 'https:'), 'POST'));
    expect(failure).toMatchObject({ name: 'UpstreamUnreachable', sent: false });
    expect([sent(), upstream.seen.length]).toEqual([0, 0]);
  });

  test.each(['GET', 'POST'] as const)(
    'may have been processed where the connection broke after it (%s)',
    async (method) => {
      const upstream = await createUpstream((response) => response.destroy());
      const { send, sent } = createSubject();
      expect(await failureOf(send(upstream.url, method))).toMatchObject({ name: 'UpstreamUnreachable', sent: true });
      expect([sent(), upstream.seen.length]).toEqual([1, 1]);
    },
  );

  test('may have been processed where the answer is no HTTP', async () => {
    const server = createTcpServer((socket) => void socket.once('data', () => socket.end('SIP/2.0 200 OK\r\n\r\n')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { send } = createSubject();
    expect(await failureOf(send(`http://127.0.0.1:${port}/`))).toMatchObject({
      name: 'UpstreamUnreachable',
      sent: true,
    });
  });

  test('took too long where no headers come', async () => {
    const upstream = await createUpstream(() => {});
    const { send } = createSubject({ headersMilliseconds: 30 });
    expect(await failureOf(send(upstream.url))).toMatchObject({ name: 'UpstreamTimedOut', sent: true });
  });

  test('took too long where the body stops', async () => {
    const upstream = await createUpstream((response) => response.write('{'));
    const { send } = createSubject({ bodyMilliseconds: 30 });
    expect(await failureOf(send(upstream.url))).toMatchObject({ name: 'UpstreamTimedOut', sent: true });
  });
});

test('a redirect is an answer like any other and is not followed', async () => {
  const upstream = await createUpstream((response) => response.writeHead(302, { location: '/login' }).end());
  const { send } = createSubject();
  expect(await send(upstream.url)).toMatchObject({ status: 302 });
  expect(upstream.seen).toHaveLength(1);
});

describe('an answer over the limit', () => {
  test('is refused by its announced length, before it is read', async () => {
    const upstream = await createUpstream((response) => {
      response.writeHead(200, { 'content-length': String(11 * 1024 * 1024) });
      response.write('x');
    });
    const { send } = createSubject();
    expect(await failureOf(send(upstream.url))).toMatchObject({ name: 'UpstreamBadResponse' });
  });

  test('is refused on the way where its length is not announced', async () => {
    let written = 0;
    const upstream = await createUpstream((response) => {
      const more = () => {
        if (response.destroyed) return;
        written += 1;
        response.write(Buffer.alloc(1024 * 1024, 'x'), more);
      };
      more();
    });
    const { send } = createSubject();
    expect(await failureOf(send(upstream.url))).toMatchObject({ name: 'UpstreamBadResponse' });
    expect(written).toBeGreaterThan(10);
    expect(written).toBeLessThan(40);
  });

  test('does not take one that is just within it', async () => {
    const upstream = await createUpstream((response) => response.end(Buffer.alloc(1_000, 'x')));
    const { send } = createSubject({ answerBytes: 1_000 });
    expect((await send(upstream.url)).text).toHaveLength(1_000);
  });
});

test('an aborted request closes its connection and fails with the reason', async () => {
  const gone = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const upstream = await createUpstream((response) => {
    response.on('close', gone.resolve);
    arrived.resolve();
  });
  const { send } = createSubject();
  const controller = new AbortController();
  const failure = failureOf(send(upstream.url, 'GET', controller.signal));
  await arrived.promise;
  const reason = new Error('enough');
  controller.abort(reason);
  expect(await failure).toBe(reason);
  await gone.promise;
});
