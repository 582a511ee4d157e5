import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessGateway, bearer, startAccessGateway } from '../support/access-gateway.ts';

const holders = {
  boss: '--role ADMIN',
  noc: '--role OPERATOR',
  books: '--role READER',
  acme: '--role CLIENT --client Acme Corp',
} as const;
type Holder = keyof typeof holders;

const whoIsIt = '{ viewer { account role client { name } } trunks { totalCount } }';
const events = 'subscription { trunkStatus { trunk { name } status } }';

let gateway: AccessGateway<Holder>;
beforeAll(async () => {
  gateway = await startAccessGateway({ holders });
});
afterAll(() => gateway[Symbol.asyncDispose]());

test.each<[Holder, object]>([
  ['boss', { viewer: { account: 'main', role: 'ADMIN', client: null }, trunks: { totalCount: 8 } }],
  ['noc', { viewer: { account: 'main', role: 'OPERATOR', client: null }, trunks: { totalCount: 8 } }],
  ['books', { viewer: { account: 'main', role: 'READER', client: null }, trunks: { totalCount: 8 } }],
  ['acme', { viewer: { account: 'main', role: 'CLIENT', client: { name: 'Acme Corp' } }, trunks: { totalCount: 2 } }],
])('a token says who %s is, over each transport alike', async (name, data) => {
  const { bearers, clock } = gateway;
  const shown = bearers[name];
  const post = await gateway.ask(shown, whoIsIt);
  expect([post.status, post.body.data]).toEqual([200, data]);

  const get = await clock.through(gateway.fetch(`/graphql?query=${encodeURIComponent(whoIsIt)}`, { headers: shown }));
  expect(await get.json()).toMatchObject({ data });

  const stream = await gateway.follow(shown, whoIsIt);
  expect(JSON.parse((await stream.next()).data ?? '')).toMatchObject({ data });
  await stream.leave();

  for (const [payload, headers] of [
    [shown, {}],
    [undefined, shown],
  ] as const) {
    const socket = await gateway.connect(payload, headers);
    expect(await socket.next()).toEqual({ type: 'connection_ack' });
    socket.subscribe('1', whoIsIt);
    expect(await clock.through(socket.next())).toMatchObject({ id: '1', payload: { data } });
    socket.socket.close();
    await socket.closed;
  }
});

describe('whoever shows nothing that is known here', () => {
  const shown = [
    ['nothing', {}],
    ['no token', bearer('')],
    ['another token', bearer(`dfgw_${'A'.repeat(43)}`)],
    ['a DIDfarm key, which is not taken', bearer('df_live_sandbox')],
    ['another scheme', { authorization: 'Basic Ym9zczpib3Nz' }],
    ['a cookie', { cookie: 'didfarm_session=abc; XSRF-TOKEN=x', 'x-xsrf-token': 'x' }],
    ['a proxy’s word', { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-user': 'boss' }],
  ] as const;
  const documents = [
    ['that is valid', whoIsIt],
    ['that does not validate', '{ walet { balanc } }'],
    ['that is none', '{ wallet'],
    ['that is too large to run', `{ ${Array.from({ length: 5_000 }, (_, i) => `a${i}: viewer { role }`).join(' ')} }`],
    ['about the schema', '{ __schema { types { name } } }'],
  ] as const;
  const told = {
    message:
      'Who is asking is not known: send `Authorization: Bearer …` (over WebSocket in connection_init) with a token of this gateway.',
    extensions: { code: 'UNAUTHENTICATED' },
  };

  test.each(shown)('is told one thing of every document, and DIDfarm is not asked: %s', async (_, headers) => {
    const before = gateway.sandbox.control.calls().total;
    for (const [, document] of documents) {
      const { status, body, headers: said } = await gateway.ask(headers, document);
      expect([status, said.get('www-authenticate'), body]).toEqual([401, 'Bearer', { errors: [told] }]);
    }
    expect(gateway.sandbox.control.calls().total).toBe(before);
  });

  test.each(shown)('begins no stream: %s', async (_, headers) => {
    for (const document of [events, 'subscription { nothing }']) {
      const stream = await gateway.follow(headers, document);
      expect(stream.status).toBe(401);
      expect(JSON.parse((await stream.next()).data ?? '')).toEqual({ errors: [told] });
      await stream.leave();
    }
    const json = { ...headers, 'content-type': 'application/json' };
    const get = await gateway.fetch('/graphql?query={viewer{role}}', { headers: json });
    expect([get.status, await get.json()]).toEqual([401, { errors: [told] }]);
  });

  test.each(shown)('is let into no socket: %s', async (_, headers) => {
    const socket = await gateway.connect(headers);
    expect(await socket.closed).toEqual({ code: 4403, reason: 'Forbidden' });
  });
});

test('no token, in what was logged of all this', () => {
  const log = gateway.log.join('');
  expect(log).toContain('A socket was refused');
  for (const { authorization } of Object.values(gateway.bearers)) expect(log).not.toContain(authorization.slice(12));
  expect(log).not.toContain(gateway.sandbox.apiKey);
});
