import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessGateway, startAccessGateway } from '../../support/access-gateway.ts';
import { askingOf, type Received, settledAnswer } from './asking.ts';

const portal = 'https://portal.example.com';
const query =
  'query Things($first: Int) { viewer { role client { name } } trunks(first: $first) { nodes { id name } } }';
const asked = { query, variables: { first: 5 } };

let gateway: AccessGateway<'admin' | 'reader' | 'client'>;
let asking: ReturnType<typeof askingOf>;
beforeAll(async () => {
  gateway = await startAccessGateway({
    holders: { admin: '--role ADMIN', reader: '--role READER', client: '--role CLIENT --client Acme Corp' },
    environment: () => ({ CORS_ORIGINS: portal, PUBLIC_URL: 'https://graph.example.com' }),
  });
  asking = askingOf(gateway);
  const { admin } = gateway.bearers;
  await settledAnswer(gateway, () => asking.post(admin, asked));
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** What differs from one answer to the next by its nature. */
function lasting({ status, headers, text }: Received) {
  const { date: _, 'x-request-id': id, ...rest } = headers;
  expect(id).toMatch(/^[\w-]{36}$/);
  return { status, headers: rest, text };
}

describe('the same request again', () => {
  test('is answered with the same bytes and headers as by the whole way, and costs the database nothing', async () => {
    const { admin } = gateway.bearers;
    const whole = await asking.post({ ...admin, 'cache-control': 'no-cache' }, asked);
    await asking.post(admin, asked);
    const again = await asking.post(admin, asked);

    expect(whole.statements).toBeGreaterThan(0);
    expect(again.statements).toBe(0);
    expect(lasting(again)).toEqual(lasting(whole));
    expect(again.headers).toMatchObject({ 'cache-control': 'no-store', vary: 'Origin', 'x-frame-options': 'DENY' });
  });

  test('has a request id of its own, or the one that it brings', async () => {
    const { admin } = gateway.bearers;
    const [one, other] = [await asking.post(admin, asked), await asking.post(admin, asked)];
    const own = await asking.post({ ...admin, 'x-request-id': 'mine:1' }, asked);
    const harmful = await asking.post({ ...admin, 'x-request-id': 'a b' }, asked);

    expect(one.headers['x-request-id']).not.toBe(other.headers['x-request-id']);
    expect(own.headers['x-request-id']).toBe('mine:1');
    expect(harmful.headers['x-request-id']).toMatch(/^[\w-]{36}$/);
    expect(own.statements + harmful.statements).toBe(0);
  });

  test('is counted and written to the log as other operations are', async () => {
    const total = async () =>
      /gateway_operations_total\{kind="query",outcome="ok"\} (\d+)/.exec(
        await (await gateway.fetch('/metrics', { headers: gateway.bearers.admin })).text(),
      )?.[1];
    const before = Number(await total());
    await asking.post({ ...gateway.bearers.admin, 'x-request-id': 'counted' }, asked);

    expect(Number(await total())).toBe(before + 1);
    const line = gateway.log.findLast((each) => each.includes('"Operation"'));
    expect(JSON.parse(line ?? '')).toMatchObject({
      requestId: 'counted',
      kind: 'query',
      name: 'Things',
      outcome: 'ok',
      kept: true,
    });
  });

  test('says what is left of the ration now, not then', async () => {
    const { admin } = gateway.bearers;
    const search = '{ availableNumbers(country: "NL", type: LOCAL) { nodes { e164 } } }';
    const before = await asking.post(admin, asked);
    await asking.post(admin, { query: search });
    const after = await asking.post(admin, asked);

    const fresh = await asking.post({ ...admin, 'cache-control': 'no-cache' }, asked);

    expect(after.statements).toBe(0);
    expect(after.body.extensions).toEqual(fresh.body.extensions);
    expect(after.body.extensions?.upstream.remaining).toBeLessThan(before.body.extensions?.upstream.remaining ?? 0);
  });

  test.each(['application/json', 'application/graphql-response+json', '*/*'])(
    'keeps to what it accepts: %s',
    async (accept) => {
      const headers = { ...gateway.bearers.admin, accept };
      const first = await asking.post(headers, asked);
      const again = await asking.post(headers, asked);

      expect(first.statements + again.statements).toBe(0);
      expect(lasting(again)).toEqual(lasting(first));
    },
  );

  test('is none where it accepts nothing that there is, or a stream', async () => {
    const { admin } = gateway.bearers;
    for (const accept of ['image/png', 'text/event-stream']) {
      const one = await asking.post({ ...admin, accept }, asked);
      const other = await asking.post({ ...admin, accept }, asked);

      expect(other.headers['etag']).toBeUndefined();
      expect([other.status, other.headers['content-type']]).toEqual([one.status, one.headers['content-type']]);
      expect(other.text).toBe(one.text);
    }
  });
});

describe('a body that differs only in', () => {
  const { first } = asked.variables;
  const bodies: Record<string, { body: string; same: boolean }> = {
    'white space': { body: ` {"query" : ${JSON.stringify(query)},\n"variables":{ "first": ${first} }} `, same: true },
    'the order of its keys': { body: `{"variables":{"first":${first}},"query":${JSON.stringify(query)}}`, same: true },
    'its extensions': { body: JSON.stringify({ ...asked, extensions: { tracing: true } }), same: true },
    'a name of the only operation': { body: JSON.stringify({ ...asked, operationName: 'Things' }), same: false },
    'a variable that nothing uses': {
      body: JSON.stringify({ query, variables: { first, other: [1, { b: 2, a: 1 }] } }),
      same: false,
    },
  };

  test.each(Object.entries(bodies))('%s is answered alike', async (_, { body, same }) => {
    const { admin } = gateway.bearers;
    const known = await asking.post(admin, asked);
    const one = await asking.post(admin, body);
    const again = await asking.post(admin, body);

    // It may cost as much as a new question, and must not be answered otherwise.
    if (same) expect(one.statements).toBe(0);
    expect(again.statements).toBe(0);
    expect(one.body.data).toEqual(known.body.data);
    expect(again.text).toBe(one.text);
  });

  test('the operation that it names is answered by that operation', async () => {
    const { admin } = gateway.bearers;
    const two = 'query A { viewer { role } } query B { viewer { account } }';
    const answers = async (operationName?: string) => (await asking.post(admin, { query: two, operationName })).text;
    await answers('A');
    await answers('B');

    expect(await answers('A')).toContain('{"data":{"viewer":{"role":"ADMIN"}}');
    expect(await answers('B')).toContain('{"data":{"viewer":{"account":"main"}}');
    expect(await answers()).toContain('errors');
    expect(await answers('C')).toContain('errors');
  });

  test('a value that looks alike is answered by its own', async () => {
    const { admin } = gateway.bearers;
    await asking.post(admin, asked);
    for (const value of ['"5"', 'null', '1e999', '[5]', '5.5', 'true']) {
      const body = `{"query":${JSON.stringify(query)},"variables":{"first":${value}}}`;
      const kept = await asking.post(admin, body);
      const fresh = await asking.post({ ...admin, 'cache-control': 'no-cache' }, body);
      expect([value, kept.body.data, kept.body.errors]).toEqual([value, fresh.body.data, fresh.body.errors]);
    }
  });
});

test('a document of 100 KB is answered as any other, also again', async () => {
  const { admin } = gateway.bearers;
  const body = { query: `${'# nothing\n'.repeat(10_000)}{ trunks(first: 2) { nodes { id } } }` };
  const one = await asking.post(admin, body);
  const again = await asking.post(admin, body);

  expect(one.status).toBe(200);
  expect(again).toMatchObject({ status: 200, text: one.text, statements: 0 });
});

describe('nobody is given what is another’s:', () => {
  test('each viewer has answers of their own to the same words', async () => {
    const { admin, reader, client } = gateway.bearers;
    for (const round of [1, 2, 3]) {
      const [all, read, own] = [
        await asking.post(admin, asked),
        await asking.post(reader, asked),
        await asking.post(client, asked),
      ];
      expect([round, all.body.data?.['viewer']]).toEqual([round, { role: 'ADMIN', client: null }]);
      expect(read.body.data?.['viewer']).toEqual({ role: 'READER', client: null });
      expect(own.body.data?.['viewer']).toMatchObject({ role: 'CLIENT', client: { name: 'Acme Corp' } });
      expect(own.body.extensions).toEqual({ upstream: { stale: [] } });
      expect(new Set([all, read, own].map(({ headers }) => headers['etag'])).size).toBe(3);
    }
  });

  test('who shows nothing, or something else, is refused however often it was asked', async () => {
    await asking.post(gateway.bearers.admin, asked);
    const wrong = { authorization: `${gateway.bearers.admin.authorization}x` };
    for (const headers of [{}, wrong, { cookie: gateway.bearers.admin.authorization }]) {
      const { status, body, headers: answered } = await asking.post(headers, asked);
      expect([status, body.data ?? null, answered['etag']]).toEqual([401, null, undefined]);
      expect(body.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    }
  });

  test('a tag of somebody else’s answer is no tag of one’s own', async () => {
    const { admin, client } = gateway.bearers;
    const bare = { query: '{ trunks(first: 0) { nodes { id } } }' };
    const { headers } = await asking.post(admin, bare);
    const own = await asking.post({ ...client, 'if-none-match': headers['etag'] ?? '' }, bare);

    expect(own.status).toBe(200);
  });
});

describe('pages of other sites', () => {
  test('are given what they may read, each its own leave', async () => {
    const { admin } = gateway.bearers;
    for (const round of [1, 2, 3]) {
      const page = await asking.post({ ...admin, origin: portal }, asked);
      const none = await asking.post(admin, asked);
      expect([round, page.headers['access-control-allow-origin']]).toEqual([round, portal]);
      expect(none.headers['access-control-allow-origin']).toBeUndefined();
      expect([page.headers['vary'], none.headers['vary']]).toEqual(['Origin', 'Origin']);
    }
  });

  test.each([
    ['of another site', { origin: 'https://evil.example.com' }],
    ['that only loads', { 'sec-fetch-site': 'cross-site' }],
  ])('%s are refused what was just answered to an allowed one', async (_, headers) => {
    const { admin } = gateway.bearers;
    await asking.post({ ...admin, origin: portal }, asked);
    await asking.post(admin, asked);
    const refused = await asking.post({ ...admin, ...headers }, asked);

    expect([refused.status, refused.body.data ?? null]).toEqual([403, null]);
    const got = await asking.get({ ...admin, ...headers }, { query });
    expect([got.status, got.body.data ?? null]).toEqual([403, null]);
  });

  test('that can post only what forms post are refused', async () => {
    const { admin } = gateway.bearers;
    await asking.post(admin, asked);
    expect((await asking.post({ ...admin, 'content-type': 'text/plain' }, asked)).status).toBe(415);
  });

  test('that gave a name of their own to this machine are refused', async () => {
    const { admin } = gateway.bearers;
    await asking.post(admin, asked);
    for (const round of [1, 2])
      expect([round, (await asking.post({ ...admin, host: 'evil.example.com' }, asked)).status]).toEqual([round, 421]);
  });
});

describe('a tag', () => {
  test.each(['POST', 'GET'])('is given with an answer that is kept, and taken for 304: %s', async (method) => {
    const { admin } = gateway.bearers;
    const ask = (headers: Record<string, string>) =>
      method === 'POST' ? asking.post(headers, asked) : asking.get(headers, { query, variables: '{"first":5}' });
    const whole = await ask(admin);
    const etag = whole.headers['etag'] ?? '';
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/);

    for (const known of [etag, etag.slice(2), `"other", ${etag}`, '*']) {
      const { status, text, headers, statements } = await ask({ ...admin, 'if-none-match': known });
      expect([known, status, text, statements]).toEqual([known, 304, '', 0]);
      expect(headers).toMatchObject({ etag, 'cache-control': 'no-store', vary: 'Origin' });
      expect([headers['content-type'], headers['content-length']]).toEqual([undefined, undefined]);
    }
    expect((await ask({ ...admin, 'if-none-match': 'W/"other"' })).status).toBe(200);
  });

  test('is taken by the whole way too', async () => {
    const { admin } = gateway.bearers;
    const { headers } = await asking.post(admin, asked);
    const whole = await asking.post(
      { ...admin, 'if-none-match': headers['etag'] ?? '', 'cache-control': 'no-cache' },
      asked,
    );

    expect(whole.statements).toBeGreaterThan(0);
    expect([whole.status, whole.text, whole.headers['etag']]).toEqual([304, '', headers['etag']]);
  });

  test('is another once the data are', async () => {
    const { admin } = gateway.bearers;
    const numbers = { query: '{ numbers(first: 50) { nodes { e164 } totalCount } }' };
    const before = await settledAnswer(gateway, () => asking.post(admin, numbers));
    await gateway.app.importNumbers(gateway.sandbox.control.numbersCsv(), 'csv');
    const after = await asking.post({ ...admin, 'if-none-match': before.headers['etag'] ?? '' }, numbers);

    expect(before.headers['etag']).toBeDefined();
    expect(after.status).toBe(200);
    expect(after.body.data).not.toEqual(before.body.data);
  });
});

describe('nothing is kept of', () => {
  const { first } = asked.variables;
  test.each([
    [
      'a mutation',
      {
        query: 'mutation { assignTrunkToClient(input: {trunk: "x", client: "y", idempotencyKey: "k"}) { __typename } }',
      },
    ],
    ['errors', { query: '{ trunks(first: 500) { nodes { id } } }' }],
    ['syntax that is none', { query: '{ trunks(' }],
    ['an operation that is not there', { ...asked, operationName: 'Nothing' }],
    ['the gateway’s own state', { query: '{ gateway { subscribers budget { remaining } } }', variables: { first } }],
  ])('%s', async (_, body) => {
    const { admin } = gateway.bearers;
    await asking.post(admin, body);
    const again = await asking.post(admin, body);

    expect(again.headers['etag']).toBeUndefined();
    expect(gateway.log.findLast((line) => line.includes('"Operation"')) ?? '').not.toContain('"kept":true');
  });

  test('what is asked with no-store', async () => {
    const { admin } = gateway.bearers;
    const body = { query: 'query NeverKept { trunks(first: 4) { nodes { name } } }' };
    const one = await asking.post({ ...admin, 'cache-control': 'no-store' }, body);
    const other = await asking.post(admin, body);

    expect(one.headers['etag']).toBeUndefined();
    expect(one.statements).toBeGreaterThan(0);
    expect(other.statements).toBeGreaterThan(0);
  });
});

test('no-cache has the answer made anew, without a call that is not due, and what comes of it is kept', async () => {
  const { admin } = gateway.bearers;
  const calls = () => gateway.sandbox.control.callLog().length;
  await asking.post(admin, asked);
  const before = calls();
  const fresh = await asking.post({ ...admin, 'cache-control': 'no-cache' }, asked);
  const old = await asking.post({ ...admin, pragma: 'no-cache' }, asked);

  expect(fresh.statements).toBeGreaterThan(0);
  expect(old.statements).toBeGreaterThan(0);
  expect((await asking.post(admin, asked)).statements).toBe(0);
  expect(calls()).toBe(before);
});

describe('a body', () => {
  test('that comes in pieces is put together', async () => {
    const { admin } = gateway.bearers;
    const body = { query: `${'# nothing\n'.repeat(11_000)}{ trunks(first: 3) { nodes { id } } }` };
    const one = await asking.post(admin, body);
    const again = await asking.post(admin, body);

    expect([one.status, again.status, again.statements]).toEqual([200, 200, 0]);
    expect(again.text).toBe(one.text);
  });

  test('of more than anybody may send is refused as before', async () => {
    const { reader } = gateway.bearers;
    const body = JSON.stringify({ query: '{ viewer { role } }', variables: { filler: 'x'.repeat(1_100_000) } });
    const { status, body: answer } = await asking.post(reader, body);

    expect(status).toBe(413);
    expect(answer.errors?.[0]?.extensions['code']).toBe('REQUEST_ENTITY_TOO_LARGE');
  });

  test('whose length is not told is answered as any other', async () => {
    const { admin } = gateway.bearers;
    const headers = { ...admin, 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const body = JSON.stringify(asked);
    const known = await asking.post(admin, asked);
    const chunked = await asking.send({ headers, body });

    expect(chunked).toMatchObject({ status: 200, text: known.text, statements: 0 });
  });

  test('that is no JSON is refused, however often', async () => {
    const { admin } = gateway.bearers;
    for (const round of [1, 2]) expect([round, (await asking.post(admin, '{"query":')).status]).toEqual([round, 400]);
  });
});
