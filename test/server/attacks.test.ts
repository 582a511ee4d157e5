import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { useBodyLimit } from '../../src/server/body-limit.ts';
import { useCors } from '../../src/server/cors.ts';
import { useCsrfPrevention } from '../../src/server/csrf.ts';
import { useNoIntrospection } from '../../src/server/errors.ts';
import { useRoutes } from '../../src/server/http-routes.ts';
import { useLimits } from '../../src/server/limits/limits.ts';
import { useNoSuggestions } from '../../src/server/limits/suggestions.ts';
import { createLogger } from '../../src/server/log.ts';
import { createOrigins } from '../../src/server/origins.ts';
import { useParameterFaults } from '../../src/server/parameters.ts';
import { limitConnections, requestLimits } from '../../src/server/request-limits.ts';
import { useSecurityHeaders } from '../../src/server/security-headers.ts';
import { createPagedGraph, createProtectedYoga, listen } from './protected-graph.ts';

const { schema, ran } = createPagedGraph();
const origins = createOrigins('https://graph.example.com', ['https://portal.example.com']);
const silent = createLogger({ level: 'silent', destination: { write: () => undefined } });
const { yoga, lines } = createProtectedYoga(schema, [
  useSecurityHeaders('https://graph.example.com'),
  useCors(origins, false),
  useRoutes([], silent),
  useCsrfPrevention(origins),
  useBodyLimit(() => false),
  useParameterFaults(),
  useLimits(schema),
  useNoSuggestions(),
  useNoIntrospection(),
]);

let server: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  server = await listen(yoga, requestLimits.http);
  limitConnections(server.http, requestLimits);
});
afterAll(() => server[Symbol.asyncDispose]());

const json = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
async function send(body: string, headers: Record<string, string> = json) {
  const before = ran.fields;
  const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body });
  const text = await response.text();
  const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: { extensions: Record<string, unknown> }[] };
  return {
    status: response.status,
    data,
    codes: errors?.map(({ extensions }) => extensions['code']),
    errors,
    text,
    ran: ran.fields - before,
  };
}
const ask = (query: string, variables?: unknown) => send(JSON.stringify({ query, variables }));

/** After whatever was tried: the process answers as before, has logged no fault of its own and told nobody of its inside. */
afterEach(async () => {
  expect(await ask('{ hello }')).toMatchObject({ status: 200, data: { hello: 'hello' }, ran: 1 });
  expect(lines.filter((line) => line['level'] === 'error')).toEqual([]);
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
});

const repeat = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => part(i)).join(' ');
const nest = (depth: number, open: string, inside: string) => `${open.repeat(depth)}${inside}${'}'.repeat(depth)}`;

describe('a document is refused within its limit, and nothing of it runs:', () => {
  test.each<[string, string, string]>([
    ['a deep one', `{ things { nodes { ${nest(100, 'owner{', 'id')} } } }`, 'depth'],
    [
      'one so deep that it would use up the stack',
      `{ things { nodes { ${nest(12_000, 'owner{', 'id')} } } }`,
      'tokens',
    ],
    [
      'one that is deep by fragments',
      `{ things { nodes { ...F0 } } } ${repeat(60, (i) => `fragment F${i} on Thing { owner { ...F${i + 1} } }`)} fragment F60 on Thing { id }`,
      'depth',
    ],
    ['a wide one', `{ ${repeat(900, (i) => `a${i}: hello`)} }`, 'aliases'],
    ['3,000 aliases of one field', `{ ${repeat(3_000, (i) => `a${i}: hello`)} }`, 'tokens'],
    ['10,000 aliases of one field', `{ ${repeat(10_000, (i) => `a${i}: hello`)} }`, 'characters'],
    [
      'an alias bomb within a page',
      `{ things(first: 100) { nodes { ${repeat(90, (i) => `a${i}: things(first: 100) { nodes { id } }`)} } } }`,
      'cost',
    ],
    [
      'aliases by fragments of fragments',
      `{ things { ...F0 } } ${repeat(20, (i) => `fragment F${i} on ThingConnection { nodes { things { ...F${i + 1} } } nodes { things { ...F${i + 1} } } }`)} fragment F20 on ThingConnection { totalCount }`,
      'depth',
    ],
    [
      'pages within pages within pages',
      '{ things(first: 100) { nodes { things(first: 100) { nodes { things(first: 100) { nodes { id } } } } } } }',
      'cost',
    ],
    ['one field many times', `{ ${repeat(2_500, () => 'hello')} }`, 'rootFields'],
    ['one field many times in a page', `{ things { nodes { ${repeat(600, () => 'id')} } } }`, 'comparisons'],
    [
      'one field many times by inline fragments',
      `{ things { nodes { ${repeat(330, () => '... on Thing { owner { id } }')} } } }`,
      'comparisons',
    ],
    [
      'one field many times with a fragment in each',
      `{ things { nodes { ${repeat(300, () => 'owner { ...Part }')} } } } fragment Part on Thing { id }`,
      'comparisons',
    ],
    [
      'many fragments in one place',
      `{ things { nodes { ${repeat(250, (i) => `...F${i}`)} } } } ${repeat(250, (i) => `fragment F${i} on Thing { id }`)}`,
      'comparisons',
    ],
    ['many directives', `{ hello ${repeat(400, () => '@include(if: true)')} }`, 'directives'],
    [
      'a list of ids without end',
      `{ nodes(ids: [${repeat(2_900, () => '"a"')}]) { ${repeat(20, (i) => `id${i}: id`)} } }`,
      'cost',
    ],
    [
      'an argument that is nested without end',
      `{ things(first: ${'['.repeat(5_000)}1${']'.repeat(5_000)}) { totalCount } }`,
      'tokens',
    ],
    ['a megabyte of punctuation', `{ hello }${'{'.repeat(1_000_000)}`, 'characters'],
    ['a megabyte of commas', `{ hello ${','.repeat(900_000)} ${repeat(4_000, () => 'a')} }`, 'characters'],
    ['a megabyte of comments, each of which is kept', `{ hello }${'#\n'.repeat(300_000)}`, 'characters'],
    ['a megabyte of text in one token', `{ hello(name: "${'x'.repeat(1_000_000)}") }`, 'characters'],
  ])('%s', async (_, query, limit) => {
    const { status, codes, errors, data, ran: fields } = await ask(query);

    expect([status, data, fields]).toEqual([400, undefined, 0]);
    expect(codes).toContain('LIMIT_EXCEEDED');
    expect(errors?.map(({ extensions }) => extensions['limit'])).toContain(limit);
    for (const { extensions } of errors ?? [])
      expect(extensions['found']).toBeGreaterThan(Number(extensions['allowed']));
  });

  test('by the page size in a variable', async () => {
    const query =
      'query ($n: Int) { things(first: $n) { nodes { things(first: $n) { nodes { things(first: $n) { nodes { id } } } } } } }';

    expect(await ask(query, { n: 10 })).toMatchObject({ status: 200 });
    expect(await ask(query, { n: 100 })).toMatchObject({ status: 400, codes: ['LIMIT_EXCEEDED'], ran: 0 });
  });

  test.each([
    [
      'fragments that spread each other',
      '{ things { nodes { ...A } } } fragment A on Thing { owner { ...B } } fragment B on Thing { owner { ...A } }',
    ],
    ['a fragment that spreads itself', '{ ...A } fragment A on Query { hello ...A }'],
    ['a cycle that is never spread', '{ hello } fragment A on Query { ...B } fragment B on Query { ...A }'],
    ['introspection', '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }'],
    ['introspection by type', '{ __type(name: "Query") { fields { name } } }'],
    ['a guess', '{ helo }'],
  ])('%s', async (_, query) => {
    const { status, data, ran: fields, text } = await ask(query);

    expect([status, data, fields]).toEqual([400, undefined, 0]);
    expect(text).not.toContain('Did you mean');
  });
});

describe('a request is refused', () => {
  test.each([
    ['a list of operations', '[{"query":"{ hello }"},{"query":"{ hello }"}]'],
    ['a list of one', '[{"query":"{ hello }"}]'],
    ['an empty list', '[]'],
    ['a list of ten thousand', `[${Array.from({ length: 10_000 }, () => '{"query":"{ hello }"}').join(',')}]`],
    ['no JSON', '{"query":'],
    ['nothing', ''],
    ['null', 'null'],
    ['a query that is no text', '{"query":{"kind":"Document"}}'],
    ['variables that are a list', '{"query":"{ hello }","variables":[]}'],
    ['a parameter that is unknown', '{"query":"{ hello }","constructor":{"prototype":1}}'],
  ])('%s', async (_, body) => {
    const { status, codes, ran: fields, text } = await send(body);

    expect([status, codes, fields]).toEqual([400, ['BAD_REQUEST'], 0]);
    expect(text).not.toMatch(/\bat .*\.(js|ts):|node_modules/);
  });

  test('variables of more than a body', async () => {
    expect(await ask('{ hello }', { filler: 'x'.repeat(1_100_000) })).toMatchObject({
      status: 413,
      codes: ['REQUEST_ENTITY_TOO_LARGE'],
      ran: 0,
    });
  });

  test('GET parameters that are no JSON', async () => {
    for (const parameter of ['variables', 'extensions']) {
      const response = await fetch(`${server.url}/graphql?query={hello}&${parameter}={"a":`);
      expect([parameter, response.status]).toEqual([parameter, 400]);
    }
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=b'])(
    'a cross-site post of a form: %s',
    async (type) => {
      const site = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
      for (const headers of [{ 'content-type': type }, { 'content-type': type, ...site }]) {
        const { status, ran: fields } = await send('{"query":"mutation { change }"}', headers);
        expect([[403, 415].includes(status), fields]).toEqual([true, 0]);
      }
    },
  );
});

describe('what looks harmful and is harmless is answered', () => {
  test('variables with keys of prototypes, deep and many', async () => {
    const proto = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const deep = `${'{"__proto__":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, i])));
    for (const variables of [proto, `{"a":${deep}}`, many])
      expect(await send(`{"query":"{ hello }","variables":${variables}}`)).toMatchObject({ status: 200, ran: 1 });
    const extensions = `{"query":"{ hello }","extensions":${proto},"__proto__":{"polluted":1}}`;
    expect([200, 400]).toContain((await send(extensions)).status);
  });

  test('names of prototypes in a document are names that are unknown', async () => {
    for (const query of [
      '{ __proto__ }',
      '{ constructor }',
      '{ hello(__proto__: 1) }',
      'query ($a: __proto__) { hello }',
    ])
      expect(await ask(query)).toMatchObject({ status: 400, ran: 0 });
    expect(await ask('{ __proto__: hello constructor: hello }')).toMatchObject({ status: 200 });
  });
});

describe('raw bytes', () => {
  /** Writes them as they are, and reads until the server closes. */
  async function raw(text: string): Promise<string> {
    const socket = connect(server.port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.end(text);
    await closed;
    return answer;
  }

  test('a header that injects another is refused or comes to nothing', async () => {
    const request = (line: string) =>
      `GET /graphql?query=%7Bhello%7D HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${line}\r\n\r\n`;

    expect(await raw(request('X-Request-Id: a\nSet-Cookie: b=1'))).not.toMatch(/^set-cookie/im);
    expect(await raw(request('X-Request-Id: a\0b'))).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(request('Bad Name: a'))).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(request('Origin: https://portal.example.com%0d%0aSet-Cookie: b=1'))).not.toMatch(/^set-cookie/im);
    const reflected = await raw(
      'OPTIONS /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: https://portal.example.com\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: a%0d%0ab\u00ff, c\r\n\r\n',
    );
    expect(reflected).not.toMatch(/^b/m);
    expect(reflected).toMatch(/^HTTP\/1\.1 (204|403|400) /);
  });

  test('a request that says two lengths, or smuggles another, is refused', async () => {
    const head = 'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

    expect(await raw(`${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{"a":1}`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(
      await raw(`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw('\x16\x03\x01\x02\x00\x01\x00')).toMatch(/^HTTP\/1\.1 400 |^$/);
  });

  test('an unknown path is a plain 404, whatever it looks like', async () => {
    for (const path of [
      '/admin',
      '/.env',
      '//graphql',
      '/graphql%00',
      '/%2e%2e/etc/passwd',
      '/graphql/../metrics',
      '*',
    ]) {
      const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect([path, /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]]).toEqual([path, '404']);
      expect(answer).not.toMatch(/\bat .*\.(js|ts):/);
    }
  });
});
