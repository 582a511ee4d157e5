import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, createSmallServer } from './small-graph.ts';

const server = createSmallServer({
  gaugesOf: () => [{ name: 'upstream_remaining', help: 'Calls left.', read: () => 41 }],
});
let url = '';
beforeAll(async () => {
  url = (await server.listen()).url;
});
afterAll(() => server.close());

const get = (path: string, init: RequestInit = {}) => fetch(new URL(path, url), { redirect: 'manual', ...init });

describe('GraphQL over HTTP', () => {
  const audits = serverAudits({ url: () => `${url}/graphql` });

  test('has audits to pass', () => {
    expect(audits.length).toBeGreaterThan(50);
  });

  for (const audit of audits) {
    test(`${audit.id} ${audit.name}`, async () => {
      const result = await audit.fn();
      if (result.status === 'ok') return;
      expect.fail(`${result.status}: ${result.reason} (HTTP ${result.response.status})`);
    });
  }

  test('takes no operation from a form or as plain text, which any web page could send', async () => {
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/graphql',
      'multipart/form-data',
    ]) {
      const response = await get('/graphql', {
        method: 'POST',
        headers: { 'content-type': type },
        body: type.includes('urlencoded') ? 'query=mutation{change}' : 'mutation { change }',
      });
      expect([type, response.status]).toEqual([type, 415]);
    }
  });

  test('gives other origins no permission', async () => {
    const response = await get('/graphql?query={hello}', { headers: { origin: 'https://elsewhere.example' } });

    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('takes no body of more than 20 MB', async () => {
    const response = await get('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ hello }', variables: { filler: 'x'.repeat(20_000_000) } }),
    });

    expect(response.status).toBe(413);
  });

  test('says nothing back of a body that is no JSON', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await get('/graphql', { method: 'POST', headers, body: '{"query":"the secret inside"' });

    expect([response.status, await response.json()]).toEqual([
      400,
      { errors: [{ message: 'The body is no JSON.', extensions: { code: 'BAD_REQUEST' } }] },
    ]);
  });

  test('changes nothing by GET', async () => {
    const response = await get('/graphql?query=mutation{change}');

    expect(response.status).toBe(405);
  });
});

describe('the request id', () => {
  test('is the caller’s where that is sane, for the resolvers and in the answer', async () => {
    const { headers, body } = await ask(server, '{ requestId }', { headers: { 'x-request-id': 'page:42.a_b-c' } });

    expect(headers.get('x-request-id')).toBe('page:42.a_b-c');
    expect(body.data).toEqual({ requestId: 'page:42.a_b-c' });
  });

  test.each([['with spaces inside'], ['"quoted"'], ['x'.repeat(129)], ['<script>']])(
    'is a new one where the caller’s is odd: %s',
    async (odd) => {
      const { headers, body } = await ask(server, '{ requestId }', { headers: { 'x-request-id': odd } });

      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(body.data).toEqual({ requestId: headers.get('x-request-id') });
    },
  );

  test('is on every answer, over real HTTP', async () => {
    for (const path of ['/', '/graphql', '/health/live', '/metrics', '/nothing']) {
      expect((await get(path)).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe('the other paths', () => {
  test('/ leads to GraphiQL where it is on', async () => {
    const response = await get('/');

    expect([response.status, response.headers.get('location')]).toEqual([302, '/graphql']);
  });

  test('GraphiQL is shown to whoever follows a link on another site; an operation in one is not run', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    const page = await get('/graphql', { headers: { ...headers, accept: 'text/html' } });

    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect((await get('/graphql?query={hello}', { headers })).status).toBe(403);
  });

  test('/ says what this is where GraphiQL is off, and /graphql then has no page', async () => {
    const plain = createSmallServer({ config: { graphiql: false } });
    const front = await plain.fetch(new Request('http://gateway/'));
    const page = await plain.fetch(new Request('http://gateway/graphql', { headers: { accept: 'text/html' } }));

    expect([front.status, await front.json()]).toEqual([
      200,
      expect.objectContaining({ name: 'didfarm-graphql-gateway', graphql: '/graphql' }),
    ]);
    expect(page.status).toBeGreaterThanOrEqual(400);
    await plain.close();
  });

  test('/health/live and /health/ready answer 200 while all is well', async () => {
    const live = await get('/health/live');
    const ready = await get('/health/ready');

    expect([live.status, await live.json()]).toEqual([200, { status: 'ok' }]);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ok', checks: { storage: 'ok' } }]);
    expect((await get('/health/live', { method: 'HEAD' })).status).toBe(200);
  });

  test('/health/ready answers 503 where something is missing, and while stopping', async () => {
    const ill = createSmallServer({ ready: async () => ({ ok: false, checks: { storage: 'locked' } }) });
    const missing = await ill.fetch(new Request('http://gateway/health/ready'));
    expect([missing.status, await missing.json()]).toEqual([
      503,
      { status: 'unavailable', checks: { storage: 'locked' } },
    ]);

    const stopping = createSmallServer();
    await stopping.close();
    expect((await stopping.fetch(new Request('http://gateway/health/ready'))).status).toBe(503);
    await ill.close();
  });

  test('/metrics counts operations by kind and outcome, and reads the gauges', async () => {
    const counted = createSmallServer({
      gaugesOf: () => [{ name: 'upstream_remaining', help: 'Calls left.', read: () => 41 }],
    });
    for (const query of [
      '{ hello }',
      '{ hello }',
      '{ hello broken }',
      'mutation { change }',
      '{ nothing',
      '{ nothing',
      '{ no }',
    ]) {
      await ask(counted, query);
    }
    const text = await (await counted.fetch(new Request('http://gateway/metrics'))).text();

    expect(text).toContain('gateway_operations_total{kind="query",outcome="ok"} 2');
    expect(text).toContain('gateway_operations_total{kind="query",outcome="partial"} 1');
    expect(text).toContain('gateway_operations_total{kind="mutation",outcome="ok"} 1');
    expect(text).toContain('gateway_operations_total{kind="none",outcome="refused"} 3');
    expect(text).toContain('gateway_operation_duration_seconds_count{kind="query",outcome="ok"} 2');
    expect(text).toContain('upstream_remaining 41');
    await counted.close();
  });

  test('an unknown path is a plain 404, also for a browser and below /graphql', async () => {
    for (const path of ['/nothing', '/x/health', '/x/graphql', '/graphql/', '/graphql/x', '/nothing?x=/graphql']) {
      const response = await get(path, { headers: { accept: 'text/html' } });
      expect([path, response.status, await response.text()]).toEqual([path, 404, 'Not found\n']);
    }
  });

  test('a route of the rest of the gateway gets its request, only by its methods, and its failure is masked', async () => {
    const routed = createSmallServer({
      routes: [
        { path: '/webhooks/didfarm', methods: ['POST'], handle: async (request) => new Response(await request.text()) },
        {
          path: '/broken',
          methods: ['GET'],
          handle: () => {
            throw new Error('the secret inside');
          },
        },
      ],
    });
    const { url: base } = await routed.listen();
    const posted = await fetch(`${base}/webhooks/didfarm`, { method: 'POST', body: '{"raw": 1}' });
    const wrongMethod = await fetch(`${base}/webhooks/didfarm`);
    const broken = await fetch(`${base}/broken`);

    expect([posted.status, await posted.text()]).toEqual([200, '{"raw": 1}']);
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'POST']);
    expect([broken.status, await broken.json()]).toEqual([
      500,
      { error: 'Unexpected error.', requestId: broken.headers.get('x-request-id') },
    ]);
    await routed.close();
  });
});

test('the log has one line an operation at debug, without variables’ values', async () => {
  server.stage.lines.length = 0;
  await ask(server, 'query Greeting($times: Int) { hello(times: $times) }', {
    variables: { times: 3 },
    headers: { 'x-request-id': 'page-1' },
  });

  expect(server.stage.lines).toEqual([
    {
      level: 'debug',
      time: expect.any(String),
      requestId: 'page-1',
      kind: 'query',
      name: 'Greeting',
      outcome: 'ok',
      milliseconds: 0,
      msg: 'Operation',
    },
  ]);
});
