import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AccessGateway, bearer, startAccessGateway } from '../support/access-gateway.ts';
import {
  audience,
  type Claims,
  claimsAt,
  createSigningKey,
  issuer,
  type JwksServer,
  type SigningKey,
  sign,
  signWithSecret,
  startJwksServer,
} from './support/issuer.ts';

const who = '{ viewer { role client { name } } trunks { totalCount } }';
const events = 'subscription { events { id } }';

let key: SigningKey;
let jwks: JwksServer;
let gateway: AccessGateway<'boss'>;
beforeEach(async () => {
  key = await createSigningKey('ES256', 'first');
  jwks = await startJwksServer([key.publicJwk]);
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await jwks[Symbol.asyncDispose]();
});

async function start(): Promise<void> {
  gateway = await startAccessGateway({
    holders: { boss: '--role ADMIN' },
    environment: () => ({ JWT_JWKS_URL: jwks.url, JWT_ISSUER: issuer, JWT_AUDIENCE: audience }),
  });
}
const jwt = async (claims: Claims, by = key) => bearer(await sign(by, gateway.clock.now(), claims));
const seconds = () => Math.floor(gateway.clock.now() / 1000);
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each<[Claims, object]>([
  [
    { sub: 'eve', role: 'READER' },
    { viewer: { role: 'READER', client: null }, trunks: { totalCount: 8 } },
  ],
  [
    { sub: 'portal', role: 'CLIENT', client: ' acme CORP ' },
    { viewer: { role: 'CLIENT', client: { name: 'Acme Corp' } }, trunks: { totalCount: 2 } },
  ],
])(
  'its claims say who somebody is, over HTTP and WebSocket, beside the tokens of this gateway: %j',
  async (claims, data) => {
    await start();
    const shown = await jwt(claims);
    expect((await gateway.ask(shown, who)).body.data).toEqual(data);
    const socket = await gateway.connect(shown);
    await socket.next();
    socket.subscribe('1', who);
    expect(await socket.next()).toMatchObject({ payload: { data } });
    socket.socket.close();
    await socket.closed;
    expect((await gateway.ask(gateway.bearers.boss, '{ viewer { role } }')).body.data).toEqual({
      viewer: { role: 'ADMIN' },
    });
  },
);

describe('nobody comes in, and all are told the same, with a JWT', () => {
  const signed: readonly (readonly [string, Claims])[] = [
    ['without a role', {}],
    ['of an unknown role', { role: 'ROOT' }],
    ['of a CLIENT without a client', { role: 'CLIENT' }],
    ['of a CLIENT of nobody', { role: 'CLIENT', client: '  ' }],
    ['of a READER that names a client', { role: 'READER', client: 'Acme Corp' }],
    ['of another account', { role: 'ADMIN', account: 'another' }],
    ['of a caller’s account', { role: 'ADMIN', account: `caller-${'a'.repeat(43)}` }],
    ['of another audience', { role: 'ADMIN', aud: 'another' }],
    ['of another issuer', { role: 'ADMIN', iss: 'https://evil.example' }],
    ['without an end', { role: 'ADMIN', exp: undefined }],
  ];
  test.each(signed)('%s', async (_, claims) => {
    await start();
    await isRefused(await jwt(claims));
  });

  test('that expired, that is not yet valid, or was issued by a clock 90 seconds ahead; 45 are borne', async () => {
    await start();
    const admin = { role: 'ADMIN' };
    await isRefused(await jwt({ ...admin, exp: seconds() - 90 }));
    await isRefused(await jwt({ ...admin, nbf: seconds() + 90 }));
    await isRefused(await jwt({ ...admin, iat: seconds() + 90 }));
    expect(gateway.log.join('')).toMatch(/issued 90 s in the future: the clocks differ/);
    for (const near of [{ exp: seconds() - 45 }, { nbf: seconds() + 45 }, { iat: seconds() + 45 }])
      expect((await gateway.ask(await jwt({ ...admin, ...near }), who)).status).toBe(200);
  });

  test('that nobody has signed, or with what everybody knows, or by another key', async () => {
    await start();
    const claims = claimsAt(gateway.clock.now(), { role: 'ADMIN' });
    for (const alg of ['none', 'None', 'NONE'])
      for (const end of ['', 'AAAA'])
        await isRefused(bearer(`${encoded({ alg, kid: 'first' })}.${encoded(claims)}.${end}`));
    const publicKey = JSON.stringify(key.publicJwk);
    await isRefused(bearer(await signWithSecret(publicKey, gateway.clock.now(), { role: 'ADMIN' })));
    await isRefused(await jwt({ role: 'ADMIN' }, await createSigningKey('ES256', 'first')));
    await isRefused(await jwt({ role: 'ADMIN' }, await createSigningKey('ES384', 'first')));
    const own = await createSigningKey('ES256', 'own');
    const header = { alg: 'ES256', jwk: own.publicJwk, jku: 'https://evil.example/jwks', kid: 'own' };
    await isRefused(bearer(`${encoded(header)}.${encoded(claims)}.${'A'.repeat(86)}`));
    const [head, , signature] = (await jwt({ role: 'READER' })).authorization.split('.');
    await isRefused({ authorization: `${head}.${encoded(claims)}.${signature}` });
  });

  async function isRefused(shown: { authorization: string }): Promise<void> {
    const { status, headers, body } = await gateway.ask(shown, who);
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(body).toEqual({
      errors: [
        {
          message:
            'Who is asking is not known: send `Authorization: Bearer …` (over WebSocket in connection_init) with a token of this gateway or a JWT of its issuer.',
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    });
  }
});

describe('where the keys cannot be fetched', () => {
  const unavailable = {
    errors: [
      {
        message: 'Who you are cannot be checked at the moment: ask again shortly.',
        extensions: { code: 'UNAVAILABLE', retryAfterSeconds: 5 },
      },
    ],
  };

  test('at the start, nothing can be said of a JWT for a while; tokens are taken', async () => {
    await jwks.stop();
    await start();
    const shown = await jwt({ role: 'READER' });
    const { status, headers, body } = await gateway.ask(shown, who);
    expect([status, headers.get('retry-after'), body]).toEqual([503, '5', unavailable]);
    // "Try again later": after any other of these codes a client could give up for good.
    expect(await (await gateway.connect(shown)).closed).toEqual({ code: 1013, reason: unavailable.errors[0]?.message });
    expect(await (await gateway.connect(bearer('dfgw_wrong'))).closed).toMatchObject({ code: 4403 });
    expect((await gateway.ask(gateway.bearers.boss, who)).status).toBe(200);

    await jwks.start();
    await gateway.clock.advance(5_000);
    expect((await gateway.ask(shown, who)).status).toBe(200);
  });

  test('later, those known go on, and only of an unknown one nothing can be said', async () => {
    await start();
    const shown = await jwt({ role: 'READER' });
    expect((await gateway.ask(shown, who)).status).toBe(200);
    await jwks.stop();
    await gateway.clock.advance(700_000);
    expect((await gateway.ask(shown, who)).status).toBe(200);
    const next = await createSigningKey('ES256', 'next');
    const byNext = await jwt({ role: 'READER' }, next);
    expect((await gateway.ask(byNext, who)).status).toBe(503);

    await jwks.start();
    jwks.keys = [next.publicJwk];
    await gateway.clock.advance(30_000);
    expect((await gateway.ask(byNext, who)).status).toBe(200);
    expect((await gateway.ask(shown, who)).status).toBe(401);
  });
});

test('a subscription ends with its JWT, and with its key', async () => {
  await start();
  const brief = await gateway.follow(await jwt({ role: 'READER', exp: seconds() + 60 }), events);
  const long = await gateway.follow(await jwt({ role: 'READER' }), events);
  const [one, other] = [brief.rest(), long.rest()];
  const ended = { errors: [{ extensions: { code: 'FORBIDDEN' } }] };
  const last = async (blocks: typeof one) =>
    JSON.parse((await blocks).findLast(({ event }) => event === 'next')?.data ?? '');
  await gateway.clock.advance(150_000);
  expect(await last(one)).toMatchObject(ended);
  let isOver = false;
  void other.then(() => {
    isOver = true;
  });
  await gateway.clock.advance(30_000);
  expect(isOver).toBe(false);

  jwks.keys = [(await createSigningKey('ES256', 'second')).publicJwk];
  await gateway.clock.advance(600_000, () => new Promise((resolve) => setTimeout(resolve)));
  expect(await last(other)).toMatchObject(ended);
});
