import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AccessGateway, bearer, startAccessGateway } from '../support/access-gateway.ts';
import { cookiesOf, logIn } from './support/didfarm.ts';
import { type RecordingProxy, startRecordingProxy } from './support/recording-proxy.ts';

const mine = bearer('df_live_mine');
const theirs = bearer('df_live_theirs');
const accounts = [
  { apiKey: 'df_live_mine', seed: 7, trunks: 3, email: 'mine@example.com' },
  { apiKey: 'df_live_theirs', seed: 8, trunks: 5, email: 'theirs@example.com' },
];
const trunks = '{ viewer { account role } trunks { totalCount } }';
const balance = '{ wallet { balance { amount } } }';
const events = 'subscription { events { id } }';
const page = 'https://portal.example.com';
const sweep = 30_000;

let proxy: RecordingProxy;
let gateway: AccessGateway<never>;
async function start(environment: Readonly<Record<string, string>>): Promise<void> {
  let target = '';
  proxy = await startRecordingProxy(() => target);
  gateway = await startAccessGateway({
    sandbox: { accounts },
    environment: ({ url }, folder) => {
      target = url;
      const regulatory = `${proxy.url}/api/regulatory/submit`;
      return {
        DIDFARM_BASE_URL: `${proxy.url}/api/v1`,
        DIDFARM_REGULATORY_URL: regulatory,
        DATABASE_URL: `sqlite:${folder}/gateway.db`,
        ...environment,
      };
    },
  });
}
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});

/** What came by at the proxy while something was done. */
async function passedDuring(deed: () => Promise<unknown>) {
  const from = proxy.passed.length;
  await deed();
  return proxy.passed.slice(from);
}
const pathsOf = (passed: readonly { path: string }[]) => passed.map(({ path }) => path.replace('/api/v1', ''));
async function followBySocket(shown: object) {
  const socket = await gateway.connect(shown);
  await socket.next();
  socket.subscribe('1', events);
  return socket;
}
const subscribed = (count: number) =>
  expect.poll(async () => (await gateway.fetch('/metrics')).text()).toContain(`gateway_subscribers ${count}\n`);
const accountOf = async (shown: { authorization: string }) => {
  const { text } = await gateway.ask(shown, '{ viewer { account } }');
  return /"account":"(.+?)"/.exec(text)?.[1];
};
const refuse = (status: number, more: object = {}) =>
  gateway.sandbox.control.faults.add({ kind: 'status', status, account: 'df_live_mine', ...more });

describe('a caller with a DIDfarm key of their own', () => {
  beforeEach(() => start({ CALLER_CREDENTIALS: 'key' }));

  test('has an account that is theirs alone, asked for with their key and no other', async () => {
    const one = await gateway.ask(mine, trunks);
    const other = await gateway.ask(theirs, trunks);
    expect(one.body.data).toMatchObject({ viewer: { role: 'ADMIN' }, trunks: { totalCount: 3 } });
    expect(other.body.data).toMatchObject({ viewer: { role: 'ADMIN' }, trunks: { totalCount: 5 } });
    expect(await accountOf(mine)).not.toBe(await accountOf(theirs));
    const again = await passedDuring(() => gateway.ask(mine, trunks));
    expect(again).toEqual([]);

    expect(pathsOf(proxy.passed)).toEqual([
      '/wallet/balance',
      '/portal/sip-trunks?page=1',
      '/wallet/balance',
      '/portal/sip-trunks?page=1',
    ]);
    expect(proxy.passed.map(({ headers }) => headers.authorization)).toEqual(
      [mine, mine, theirs, theirs].map(({ authorization }) => authorization),
    );
  });

  test('keeps what is theirs to themselves: cursors, ids, keys of mutations, subscriptions', async () => {
    const { text } = await gateway.ask(mine, '{ trunks(first: 1) { nodes { id uuid } pageInfo { endCursor } } }');
    const [, id, uuid, after] = /"id":"(.+?)","uuid":"(.+?)".+"endCursor":"(.+?)"/.exec(text) ?? [];
    const cursor = await gateway.ask(theirs, 'query ($after: String) { trunks(after: $after) { totalCount } }', {
      after,
    });
    expect(cursor.body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    const thing = await gateway.ask(theirs, `{ node(id: "${id}") { id } trunk(uuid: "${uuid}") { id } }`);
    expect(thing.body.data).toEqual({ node: null, trunk: null });

    const create = 'mutation { createTrunk(input: { name: "Same", idempotencyKey: "same" }) { __typename } }';
    for (const each of [mine, theirs]) {
      const passed = await passedDuring(() => gateway.ask(each, create));
      expect(pathsOf(passed)).toContain('/portal/sip-trunks');
      expect(new Set(passed.map(({ headers }) => headers.authorization))).toEqual(new Set([each.authorization]));
    }
  });

  test('is proven again after five minutes, before anything known is served', async () => {
    await gateway.ask(mine, trunks);
    await gateway.clock.advance(239_000);
    expect(await passedDuring(() => gateway.ask(mine, '{ viewer { role } }'))).toEqual([]);
    await gateway.clock.advance(61_000);
    const passed = await passedDuring(() => gateway.ask(mine, '{ viewer { role } }'));
    expect(pathsOf(passed)).toEqual(['/wallet/balance']);
  });

  test('is told nothing of what is known while DIDfarm cannot be asked whether they are who they say', async () => {
    await gateway.ask(mine, trunks);
    await gateway.clock.advance(300_000);
    gateway.sandbox.control.faults.add({ kind: 'cut-before', account: 'df_live_mine' });
    const { status, headers, body } = await gateway.ask(mine, trunks);
    expect([status, headers.get('retry-after'), body]).toEqual([
      503,
      '5',
      {
        errors: [
          {
            message: 'Who you are cannot be checked at the moment: ask again shortly.',
            extensions: { code: 'UNAVAILABLE', retryAfterSeconds: 5 },
          },
        ],
      },
    ]);
    const socket = await gateway.connect(mine);
    expect(await gateway.clock.through(socket.closed)).toMatchObject({ code: 1013 });
    expect((await gateway.ask(theirs, trunks)).status).toBe(200);
    gateway.sandbox.control.faults.clear();
    expect((await gateway.ask(mine, trunks)).status).toBe(200);
  });

  test('whose key DIDfarm refuses in the course of a query is nobody from then on, also for what is known', async () => {
    await gateway.ask(mine, trunks);
    const followed = (await gateway.follow(mine, events)).rest();
    const lift = refuse(401);
    const noticed = await gateway.ask(mine, balance);
    expect((await followed).findLast(({ event }) => event === 'next')?.data).toContain('"code":"FORBIDDEN"');
    expect([noticed.status, noticed.body.data]).toEqual([401, { wallet: null }]);
    expect(noticed.body.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(noticed.text).not.toContain('DIDFARM_API_KEY');

    expect(await passedDuring(async () => expect((await gateway.ask(mine, trunks)).status).toBe(401))).toEqual([]);
    expect((await gateway.ask(theirs, trunks)).status).toBe(200);
    lift();
    await gateway.clock.advance(30_000);
    expect((await gateway.ask(mine, trunks)).body.data).toMatchObject({ trunks: { totalCount: 3 } });
  });

  test('whose key is withdrawn while they subscribe is sent away once that is found out; others are not', async () => {
    const gone = (await gateway.follow(mine, events)).rest();
    const socket = await followBySocket(mine);
    const other = await followBySocket(theirs);
    await subscribed(3);
    refuse(401);
    await gateway.clock.advance(300_000 + sweep);
    const last = (await gone).findLast(({ event }) => event === 'next');
    expect(JSON.parse(last?.data ?? '')).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    expect(await socket.closed).toEqual({ code: 4403, reason: 'Forbidden' });
    await subscribed(1);
    other.socket.close();
    await other.closed;
    expect((await gateway.follow(mine, events)).status).toBe(401);
  });

  test('that may only read is told so by what it may not do, and goes on reading', async () => {
    const reader = bearer('df_live_mine_read');
    expect((await gateway.ask(reader, trunks)).body.data).toMatchObject({ trunks: { totalCount: 3 } });
    const create =
      'mutation { createTrunk(input: { name: "X", idempotencyKey: "x" }) { ... on Error { code message } } }';
    const { text, body } = await gateway.ask(reader, create);
    expect(body.data).toMatchObject({ createTrunk: { code: 'FORBIDDEN' } });
    expect(text).not.toContain('DIDFARM_API_KEY');
    expect((await gateway.ask(reader, trunks)).status).toBe(200);
  });

  test('sees nothing of the gateway’s own state', async () => {
    const url = await gateway.url();
    const headers = { ...mine, 'x-forwarded-for': '203.0.113.9' };
    expect((await gateway.ask(mine, trunks)).status).toBe(200);
    expect((await fetch(`${url}/metrics`, { headers })).status).toBe(404);
    expect(await (await fetch(`${url}/health/ready`, { headers })).json()).toEqual({ status: 'ok' });
  });

  test('is let go after an hour in which nobody asked, and comes back with what was known; one who subscribes is kept', async () => {
    await gateway.ask(theirs, trunks);
    const socket = await followBySocket(mine);
    await subscribed(1);
    await gateway.clock.advance(2 * 3_600_000);
    const letGo = gateway.log.filter((line) => line.includes('is let go')).map((line) => JSON.parse(line).account);
    expect(letGo).toEqual([await accountOf(theirs)]);
    const passed = await passedDuring(async () =>
      expect((await gateway.ask(theirs, trunks)).body.data).toMatchObject({ trunks: { totalCount: 5 } }),
    );
    expect(pathsOf(passed)).toEqual(['/portal/sip-trunks?page=1']);
    await subscribed(1);
    socket.socket.close();
    await socket.closed;
  });

  test('what became of a lost change is found out after a restart, once they ask for anything', async () => {
    const create = 'mutation { createTrunk(input: { name: "Lost", idempotencyKey: "lost" }) { __typename } }';
    await gateway.ask(mine, trunks);
    const fault = { account: 'df_live_mine', path: '/portal/sip-trunks*' } as const;
    gateway.sandbox.control.faults.add({ ...fault, kind: 'cut-after', method: 'POST' });
    gateway.sandbox.control.faults.add({ ...fault, kind: 'status', status: 500, method: 'GET', skip: 1 });
    const { body } = await gateway.ask(mine, create);
    expect(body.data).toEqual({ createTrunk: { __typename: 'OutcomeUnknownError' } });
    await gateway.restart();
    gateway.sandbox.control.faults.clear();

    const status = async () => {
      await gateway.clock.advance(60_000);
      return (await gateway.ask(mine, '{ operation(idempotencyKey: "lost") { status } }')).body.data;
    };
    await expect.poll(status).toEqual({ operation: { status: 'SUCCEEDED' } });
  });

  test('no key in the log', async () => {
    await gateway.ask(mine, trunks);
    refuse(401);
    await gateway.ask(mine, balance);
    await gateway.ask(bearer('df_live_guessed'), trunks);
    for (const key of ['df_live_mine', 'df_live_guessed', gateway.sandbox.apiKey])
      expect(gateway.log.join('')).not.toContain(key);
  });
});

describe('a caller with the cookies of a DIDfarm login', () => {
  beforeEach(() => start({ CALLER_CREDENTIALS: 'cookie', CORS_ORIGINS: page }));

  const shownBy = async (email: string) => {
    const login = await logIn(gateway.sandbox.url, email);
    return { cookie: `theme=dark; ${cookiesOf(login)}; analytics=1`, origin: page, login };
  };
  const asked = ({ cookie, origin }: { cookie: string; origin: string }) => ({ cookie, origin });

  test('is asked for with the session and its XSRF token, and with no other cookie', async () => {
    const caller = await shownBy('mine@example.com');
    const { body, headers } = await gateway.ask(asked(caller), trunks);
    expect(body.data).toMatchObject({ viewer: { role: 'ADMIN' }, trunks: { totalCount: 3 } });
    expect([headers.get('access-control-allow-origin'), headers.get('access-control-allow-credentials')]).toEqual([
      page,
      'true',
    ]);
    const create = 'mutation { createTrunk(input: { name: "Own", idempotencyKey: "own" }) { __typename } }';
    expect((await gateway.ask(asked(caller), create)).body.data).toEqual({
      createTrunk: { __typename: 'CreateTrunkPayload' },
    });

    const { session, xsrf } = caller.login;
    const token = decodeURIComponent(xsrf.slice('XSRF-TOKEN='.length));
    for (const { headers: sent } of proxy.passed) {
      expect(sent).toMatchObject({ cookie: `${session}; ${xsrf}`, 'x-xsrf-token': token, origin: page });
      expect(sent.authorization).toBeUndefined();
    }
    expect(proxy.passed.length).toBeGreaterThan(2);
  });

  test('is nobody on a page that may not call, with a strange XSRF token, or without its session', async () => {
    const { cookie, login } = await shownBy('mine@example.com');
    const refused = [
      [{ cookie, origin: 'https://evil.example' }, 403],
      [{ cookie }, 401],
      [{ cookie, origin: page, 'x-xsrf-token': 'another' }, 401],
      [{ cookie: login.xsrf, origin: page }, 401],
      [{ cookie: `${login.session}x; ${login.xsrf}`, origin: page }, 401],
    ] as const;
    for (const [headers, status] of refused) expect((await gateway.ask(headers, trunks)).status).toBe(status);
    expect(pathsOf(proxy.passed)).toEqual(['/wallet/balance']);
  });

  test('comes in by a WebSocket of such a page, and by that of no other', async () => {
    const caller = await shownBy('mine@example.com');
    const socket = await gateway.connect(undefined, asked(caller));
    expect(await socket.next()).toEqual({ type: 'connection_ack' });
    socket.subscribe('1', trunks);
    expect(await socket.next()).toMatchObject({ payload: { data: { trunks: { totalCount: 3 } } } });
    socket.socket.close();
    await expect(gateway.connect(undefined, { ...asked(caller), origin: 'https://evil.example' })).rejects.toThrow(
      '403',
    );
  });

  test('whose token DIDfarm finds stale (419) is told to log in again', async () => {
    const caller = await shownBy('mine@example.com');
    await gateway.ask(asked(caller), trunks);
    refuse(419, { method: 'POST' });
    const create = 'mutation { createTrunk(input: { name: "Own", idempotencyKey: "own" }) { ... on Error { code } } }';
    expect((await gateway.ask(asked(caller), create)).body.data).toEqual({ createTrunk: { code: 'UNAUTHENTICATED' } });
    expect((await gateway.ask(asked(caller), trunks)).status).toBe(401);
    // Another page of the same login that has the token which replaced it.
    const { session, xsrf } = caller.login;
    const fresher = { cookie: `${session}; ${xsrf}x`, origin: page };
    expect((await gateway.ask(fresher, trunks)).status).toBe(200);
    expect((await gateway.ask(asked(caller), trunks)).status).toBe(401);
    const again = await shownBy('mine@example.com');
    expect((await gateway.ask(asked(again), trunks)).status).toBe(200);
  });

  test('no cookie in the log', async () => {
    const caller = await shownBy('mine@example.com');
    await gateway.ask(asked(caller), trunks);
    refuse(419);
    await gateway.ask(asked(caller), balance);
    const log = gateway.log.join('');
    expect(log).not.toContain(caller.login.session.split('=')[1]);
    expect(log).not.toContain(decodeURIComponent(caller.login.xsrf.slice('XSRF-TOKEN='.length)));
  });
});
