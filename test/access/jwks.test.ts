import type { JWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { AccessUnavailable } from '../../src/access/errors.ts';
import { remoteKeys } from '../../src/access/jwks.ts';
import { identifyByJwt } from '../../src/access/jwt.ts';
import { accountId } from '../../src/access/viewer.ts';
import { createFakeClock } from '../support/clock.ts';
import {
  audience,
  createSigningKey,
  issuer,
  type JwksServer,
  type SigningKey,
  sign,
  startJwksServer,
} from './support/issuer.ts';
import { createTestLog } from './support/log.ts';
import { bearing } from './support/presented.ts';

const old = await createSigningKey('RS256', 'old');
const next = await createSigningKey('RS256', 'next');
const jwks = (...keys: readonly SigningKey[]): readonly JWK[] => keys.map(({ publicJwk }) => publicJwk);

function open(server: JwksServer) {
  const clock = createFakeClock();
  const log = createTestLog();
  const keys = remoteKeys({ url: server.url, clock, log });
  const accounts = [accountId('main')];
  const identify = identifyByJwt({ issuer, audience, keys, accounts, clock, log });
  return {
    clock,
    log,
    enter: async (key: SigningKey) => {
      const token = await sign(key, clock.now(), { sub: 'u', role: 'READER' });
      return identify(bearing(token));
    },
    [Symbol.dispose]: () => keys.close(),
  };
}

describe('the keys of a JWKS address', () => {
  test.each(['RS256', 'PS512', 'ES256', 'ES384', 'EdDSA'])('let in with %s', async (alg) => {
    const key = await createSigningKey(alg, 'k');
    await using server = await startJwksServer(jwks(key));
    using opened = open(server);

    expect((await opened.enter(key))?.identity.viewer).toMatchObject({ name: 'jwt:u', role: 'READER' });
  });

  test('are fetched once for any number of JWTs', async () => {
    await using server = await startJwksServer(jwks(old));
    using opened = open(server);
    await Promise.all(Array.from({ length: 20 }, () => opened.enter(old)));

    expect(server.asked()).toBe(1);
  });

  test('are tried one after the other where a JWT does not say which', async () => {
    const [a, b, stranger] = await Promise.all([1, 2, 3].map(() => createSigningKey('ES256')));
    if (!a || !b || !stranger) throw new Error('No keys');
    await using server = await startJwksServer(jwks(a, b));
    using opened = open(server);

    expect(await opened.enter(a)).not.toBeNull();
    expect(await opened.enter(b)).not.toBeNull();
    expect(await opened.enter(stranger)).toBeNull();
  });

  test('that are exchanged work without a restart; a flood of unknown ones causes one fetch in half a minute', async () => {
    await using server = await startJwksServer(jwks(old));
    using opened = open(server);
    await opened.enter(old);
    server.keys = jwks(next, old);

    expect(await opened.enter(next)).toBeNull();
    expect(server.asked()).toBe(1);
    await opened.clock.advance(30_000);
    expect(await opened.enter(next)).not.toBeNull();
    const stranger = await createSigningKey('RS256', 'stranger');
    for (let i = 0; i < 20; i++) expect(await opened.enter(stranger)).toBeNull();
    expect(server.asked()).toBe(2);
  });

  test('that are withdrawn end what was let in with them, within ten minutes', async () => {
    await using server = await startJwksServer(jwks(old, next));
    using opened = open(server);
    const [withOld, withNext] = [await opened.enter(old), await opened.enter(next)];
    server.keys = jwks(next);
    expect(withOld?.holds()).toBe(true);
    await opened.clock.advance(600_000);
    await expect.poll(() => withOld?.holds()).toBe(false);

    expect(withNext?.holds()).toBe(true);
    expect(await opened.enter(old)).toBeNull();
  });

  test('that are replaced under the same name end it too', async () => {
    const replaced = await createSigningKey('RS256', 'old');
    await using server = await startJwksServer(jwks(old));
    using opened = open(server);
    const before = await opened.enter(old);
    server.keys = jwks(replaced);
    await opened.clock.advance(600_000);
    await expect.poll(() => before?.holds()).toBe(false);
  });

  test('of a kind that verifies nothing safely are left out: too short, secret, broken', async () => {
    const secret = { kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url'), kid: 'oct', alg: 'HS256' };
    const short = { ...old.publicJwk, kid: 'short', n: 'AQAB' };
    const broken = { kty: 'RSA', kid: 'broken' };
    await using server = await startJwksServer([secret, short, broken, old.publicJwk]);
    using opened = open(server);

    expect(await opened.enter(old)).not.toBeNull();
    for (const kid of ['oct', 'short', 'broken'])
      expect(await opened.enter({ ...old, publicJwk: { kid } as JWK })).toBeNull();
  });
});

describe('an address that does not answer', () => {
  test('at the start is logged, and nobody with a JWT is told that they are refused; it mends by itself', async () => {
    await using server = await startJwksServer(jwks(old));
    await server.stop();
    using opened = open(server);
    const error: unknown = await opened.enter(old).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(AccessUnavailable);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', status: 503, retryAfterSeconds: 5 });
    expect(opened.log.messages()).toEqual([
      'The keys for JWTs cannot be fetched: no JWT can be checked until they are',
    ]);

    await server.start();
    await expect(opened.enter(old)).rejects.toThrow(AccessUnavailable);
    expect(server.asked()).toBe(0);
    await opened.clock.advance(5_000);
    expect(await opened.enter(old)).not.toBeNull();
    expect(opened.log.messages().at(-1)).toBe('The keys for JWTs can be fetched again');
  });

  test('later leaves the known keys in use for as long as it takes; of unknown ones nothing can be said', async () => {
    await using server = await startJwksServer(jwks(old));
    using opened = open(server);
    const before = await opened.enter(old);
    server.answers = false;
    await opened.clock.advance(3_000_000);
    await expect.poll(() => opened.log.messages()).toEqual(['The keys for JWTs cannot be fetched: those known go on']);

    expect(before?.holds()).toBe(true);
    expect(await opened.enter(old)).not.toBeNull();
    await expect(opened.enter(next)).rejects.toThrow(AccessUnavailable);

    server.answers = true;
    server.keys = jwks(next, old);
    await opened.clock.advance(5_000);
    expect(await opened.enter(next)).not.toBeNull();
  });

  test.each<[string, unknown]>([
    ['an empty set', []],
    ['no set', 'nothing'],
  ])('with keys lets nobody in: %s', async (_, keys) => {
    await using server = await startJwksServer(keys as JWK[]);
    using opened = open(server);

    expect(
      await opened.enter(old).catch((error: unknown) => (error instanceof AccessUnavailable ? null : error)),
    ).toBeNull();
  });
});

test('closed, it fetches no more', async () => {
  await using server = await startJwksServer(jwks(old));
  const opened = open(server);
  await opened.enter(old);
  opened[Symbol.dispose]();

  expect(opened.clock.pending()).toBe(0);
});
