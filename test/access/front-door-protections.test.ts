import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashOf } from '../../src/server/persisted/manifest.ts';
import { type AccessGateway, startAccessGateway } from '../support/access-gateway.ts';

const page = 'https://portal.example.com';
const holders = { noc: '--role OPERATOR', books: '--role READER', acme: '--role CLIENT --client Acme Corp' } as const;
/** As a proxy at this machine passes on what comes from elsewhere. */
const elsewhere = { 'x-forwarded-for': '203.0.113.9' };

describe('with access configured', () => {
  let gateway: AccessGateway<keyof typeof holders>;
  let url = '';
  beforeAll(async () => {
    gateway = await startAccessGateway({ holders, environment: () => ({ CORS_ORIGINS: page }) });
    url = await gateway.url();
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  const post = (headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer>) =>
    fetch(`${url}/graphql`, { method: 'POST', headers, body });
  const codeOf = async (response: Response) => {
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    return [response.status, errors[0]?.extensions.code];
  };

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'a page of another site cannot have a browser post, nor a form: %s',
    async (type) => {
      const body = '{"query":"mutation { importNumbers(input: { numbers: [] }) { __typename } }"}';
      const site = { ...gateway.bearers.noc, origin: 'https://evil.example' };
      expect(await codeOf(await post({ ...site, 'content-type': type || 'application/json' }, body))).toEqual([
        403,
        'FOREIGN_SITE',
      ]);
      if (type !== '')
        expect(await codeOf(await post({ ...gateway.bearers.noc, 'content-type': type }, body))).toEqual([
          415,
          'NOT_JSON',
        ]);
    },
  );

  test('the pages that may call are told so, others and other paths are not', async () => {
    const preflight = { method: 'OPTIONS', headers: { origin: page, 'access-control-request-method': 'POST' } };
    const allowed = await fetch(`${url}/graphql`, preflight);
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, page]);
    expect(allowed.headers.has('access-control-allow-credentials')).toBe(false);
    const evil = { ...preflight.headers, origin: 'https://evil.example' };
    expect((await fetch(`${url}/graphql`, { method: 'OPTIONS', headers: evil })).status).toBe(403);
    const metrics = await fetch(`${url}/metrics`, { headers: { origin: page } });
    expect(metrics.headers.has('access-control-allow-origin')).toBe(false);
    const refused = await post({ 'content-type': 'application/json', origin: page }, '{"query":"{ viewer { role } }"}');
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, page]);
  });

  test('an operation that costs too much is refused with the numbers, before DIDfarm is asked', async () => {
    const before = gateway.sandbox.control.calls().total;
    const many = (inner: string) => `trunks(first: 100) { nodes { numbers(first: 100) { nodes { ${inner} } } } }`;
    const { status, body } = await gateway.ask(
      gateway.bearers.acme,
      `{ ${many('messages(first: 100) { nodes { body } }')} }`,
    );
    expect([status, body.errors]).toMatchObject([
      400,
      [{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'cost', allowed: 50_000 } }],
    ]);
    expect(gateway.sandbox.control.calls().total).toBe(before);
  });

  test('nothing tells of the schema: no introspection, no suggestions, no GraphiQL', async () => {
    const asked = await gateway.ask(gateway.bearers.noc, '{ __schema { types { name } } }');
    expect([asked.status, asked.body.data]).toEqual([400, undefined]);
    const misspelt = await gateway.ask(
      gateway.bearers.noc,
      '{ walet { balance { amount } } trunks(frist: 1) { totalCount } }',
    );
    expect(misspelt.body.errors).toHaveLength(2);
    expect(misspelt.text).not.toMatch(/Did you mean|wallet|first/);
    const browser = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
    expect(await browser.text()).not.toContain('<script');
  });

  test('11 MB of documents are taken from who may submit them, and from nobody else', async () => {
    const content = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(8_250_000, 'x')]).toString('base64');
    const number = [...gateway.sandbox.control.world.numbers.all()][0]?.e164;
    await gateway.app.importNumbers(gateway.sandbox.control.numbersCsv(), 'csv');
    const query = `mutation ($number: PhoneNumber!, $content: String!) { submitRegulatory(input: { number: $number, documents: [
      { type: "passport", filename: "p.pdf", contentType: "application/pdf", content: $content }] }) { __typename ... on Error { code message } } }`;
    const body = JSON.stringify({ query, variables: { number, content } });
    expect(body.length).toBeGreaterThan(11_000_000);
    const json = { 'content-type': 'application/json' };
    const taken = await gateway.clock.through(post({ ...gateway.bearers.noc, ...json }, body));
    // DIDfarm has read them, and asks for none of this number.
    expect(await taken.json()).toMatchObject({ data: { submitRegulatory: { code: 'REGULATORY_NOT_REQUIRED' } } });
    for (const who of ['books', 'acme'] as const)
      expect(await codeOf(await post({ ...gateway.bearers[who], ...json }, body))).toEqual([
        413,
        'REQUEST_ENTITY_TOO_LARGE',
      ]);
    expect(await codeOf(await post(json, body))).toEqual([401, 'UNAUTHENTICATED']);
    expect(gateway.sandbox.control.calls().routes['POST /api/regulatory/submit']).toBe(1);
  });

  test('how the process is doing is told at this machine, or to a token that sees the gateway', async () => {
    const seen = async (headers: Record<string, string>) => {
      const metrics = await fetch(`${url}/metrics`, { headers });
      const ready = (await (await fetch(`${url}/health/ready`, { headers })).json()) as object;
      const live = await fetch(`${url}/health/live`, { headers });
      return [
        metrics.status,
        (await metrics.text()).includes('gateway_upstream_remaining'),
        Object.keys(ready),
        live.status,
      ];
    };
    const all = [200, true, ['status', 'checks'], 200];
    const nothing = [404, false, ['status'], 200];
    expect(await seen({})).toEqual(all);
    expect(await seen(elsewhere)).toEqual(nothing);
    expect(await seen({ ...elsewhere, ...gateway.bearers.books })).toEqual(all);
    expect(await seen({ ...elsewhere, ...gateway.bearers.acme })).toEqual(nothing);
    expect(await seen({ ...elsewhere, authorization: 'Bearer dfgw_wrong' })).toEqual(nothing);
    const strange = await fetch(`${url}/metrics`, { headers: elsewhere });
    const missing = await fetch(`${url}/nothing`, { headers: elsewhere });
    expect([await strange.text(), strange.headers.get('content-type')]).toEqual([
      await missing.text(),
      missing.headers.get('content-type'),
    ]);
  });
});

describe('with PERSISTED_ONLY', () => {
  const trusted = 'query Own { trunks { totalCount } }';
  const live = 'subscription Live { events { id } }';
  let gateway: AccessGateway<keyof typeof holders>;
  beforeAll(async () => {
    gateway = await startAccessGateway({
      holders,
      files: () => ({ 'operations.json': { [hashOf(trusted)]: trusted, [hashOf(live)]: live } }),
      environment: (_, folder) => ({ PERSISTED_OPERATIONS: join(folder, 'operations.json'), PERSISTED_ONLY: 'true' }),
    });
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  test('nothing else runs, over HTTP, SSE and WebSocket; a stranger is told nothing of that', async () => {
    const { bearers } = gateway;
    const json = { 'content-type': 'application/json' };
    const post = (body: object, headers: object = bearers.acme) =>
      gateway.fetch('/graphql', { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });
    const byId = await gateway.clock.through(post({ documentId: hashOf(trusted) }));
    expect(await byId.json()).toMatchObject({ data: { trunks: { totalCount: 2 } } });
    expect(await (await post({ query: '{ trunks { totalCount } }' })).json()).toMatchObject({
      errors: [{ extensions: { code: 'PERSISTED_ONLY' } }],
    });
    const stream = await gateway.follow(bearers.acme, 'subscription { events { id } }');
    expect((await stream.rest())[0]?.data).toContain('"code":"PERSISTED_ONLY"');
    for (const body of [{ documentId: hashOf(trusted) }, { documentId: 'unknown' }, { query: '{ viewer { role } }' }])
      expect(await (await post(body, {})).json()).toMatchObject({
        errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
      });

    const socket = await gateway.connect(bearers.acme);
    await socket.next();
    socket.subscribe('1', '{ trunks { totalCount } }');
    expect(await socket.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'PERSISTED_ONLY' } }] });
    socket.send({
      id: '2',
      type: 'subscribe',
      payload: { query: '', extensions: { persistedQuery: { sha256Hash: hashOf(trusted) } } },
    });
    expect(await socket.next()).toMatchObject({ id: '2', payload: { data: { trunks: { totalCount: 2 } } } });
    socket.socket.close();
    await socket.closed;
  });
});

describe('without access configured', () => {
  let gateway: AccessGateway<never>;
  let url = '';
  beforeAll(async () => {
    gateway = await startAccessGateway();
    url = await gateway.url();
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  const ask = (headers: Record<string, string>) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"query":"{ viewer { role account } }"}',
    });

  test('whoever is at this machine is the ADMIN, over HTTP and WebSocket', async () => {
    expect(await (await ask({})).json()).toMatchObject({ data: { viewer: { role: 'ADMIN', account: 'main' } } });
    const socket = await gateway.connect(undefined);
    expect(await socket.next()).toEqual({ type: 'connection_ack' });
    socket.socket.close();
    await socket.closed;
  });

  test.each([
    elsewhere,
    { forwarded: 'for=203.0.113.9' },
    { 'x-real-ip': '203.0.113.9' },
    { via: '1.1 proxy' },
    { 'x-forwarded-host': 'graph.example.com' },
    { 'x-forwarded-for': '127.0.0.1' },
    { ...elsewhere, authorization: 'Bearer df_live_sandbox' },
  ])('what a proxy has passed on is nobody’s: %j', async (headers) => {
    const response = await ask(headers);
    expect([response.status, await response.json()]).toMatchObject([
      401,
      { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
    ]);
    expect((await (await gateway.connect(undefined, headers)).closed).code).toBe(4403);
    expect((await fetch(`${url}/metrics`, { headers })).status).toBe(404);
  });

  test('a page that a browser loads from elsewhere does not come in by this machine', async () => {
    expect((await ask({ origin: 'https://evil.example' })).status).toBe(403);
    await expect(gateway.connect(undefined, { origin: 'https://evil.example' })).rejects.toThrow('403');
  });
});
