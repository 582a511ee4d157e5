import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Access, openAccess } from '../../src/access/access.ts';
import { AccessFileError, AccessUnavailable, Unauthenticated } from '../../src/access/errors.ts';
import { type AccessSettings, noAccess } from '../../src/access/settings.ts';
import { accountId } from '../../src/access/viewer.ts';
import { createFakeClock } from '../support/clock.ts';
import { createTestAccessFile, entryFor } from './support/access-file.ts';
import { audience, issuer, signWithSecret } from './support/issuer.ts';
import { createTestLog } from './support/log.ts';
import { bearing, presented } from './support/presented.ts';

const secret = 'a secret of thirty-two bytes, at least';
const jwt = { issuer, audience, keys: { kind: 'secret', secrets: [secret] } } as const;

async function open(settings: Partial<AccessSettings>) {
  const clock = createFakeClock();
  const log = createTestLog();
  const access = await openAccess({
    settings: { ...noAccess, ...settings },
    accounts: [accountId('main')],
    secret: 'installation',
    prove: async ({ kind }) => kind === 'key',
    clock,
    log,
  });
  return { access, clock, log };
}

async function adviceFor(access: Access, credentials = presented()): Promise<string> {
  const error: unknown = await access.identify(credentials).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Unauthenticated);
  expect(error).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
  return (error as Error).message;
}

describe('where no access is configured', () => {
  test('this machine is the ADMIN, whatever it sends, and holds', async () => {
    const { access } = await open({});
    const identity = await access.identify(presented({ fromLoopback: true, authorization: 'Bearer x' }));

    expect(access.configured).toBe(false);
    expect(identity).toMatchObject({ viewer: { account: 'main', name: 'local', role: 'ADMIN' }, expiresAt: null });
    expect(access.holds(identity)).toBe(true);
  });

  test('another machine is nobody', async () => {
    const { access } = await open({});

    expect(await adviceFor(access, bearing('x'))).toBe(
      'Only this machine is answered: access for others is not configured.',
    );
  });
});

describe('where access is configured', () => {
  test('this machine has to show who it is like any other', async () => {
    const { access } = await open({ jwt });

    expect(access.configured).toBe(true);
    await adviceFor(access, presented({ fromLoopback: true }));
  });

  test('every way in is open beside the others', async () => {
    await using written = await createTestAccessFile([entryFor('a-token', { name: 'noc', role: 'OPERATOR' })]);
    const { access, clock } = await open({ file: written.path, jwt, callerCredentials: 'key' });
    const names = [];
    for (const token of [
      'a-token',
      await signWithSecret(secret, clock.now(), { role: 'READER', sub: 'u' }),
      'df_live_a',
    ])
      names.push((await access.identify(bearing(token))).viewer.name);

    expect(names).toEqual(['noc', 'jwt:u', 'caller']);
    access.close();
  });

  test('the refusal says what to send, in the same words whatever was wrong', async () => {
    await using written = await createTestAccessFile([]);
    const { access, clock } = await open({ file: written.path, jwt });
    const expired = await signWithSecret(secret, clock.now(), { role: 'READER', exp: 1 });
    const forged = await signWithSecret(`${secret}!`, clock.now(), { role: 'READER' });
    const advice = await adviceFor(access);

    expect(advice).toBe(
      'Who is asking is not known: send `Authorization: Bearer …` (over WebSocket in connection_init) with a token of this gateway or a JWT of its issuer.',
    );
    for (const token of ['dfgw_unknown', expired, forged, 'df_live_a'])
      expect(await adviceFor(access, bearing(token))).toBe(advice);
    access.close();
  });

  test.each([
    [{ callerCredentials: 'key' }, 'with your DIDfarm API key.'],
    [{ callerCredentials: 'cookie' }, 'Who is asking is not known: log in to DIDfarm, on a page that may call.'],
  ] as const)('and names what is open alone: %j', async (settings, advice) => {
    const { access } = await open(settings);

    expect(await adviceFor(access)).toContain(advice);
  });

  test('only the identity that was given holds, no copy of it and none of another gateway', async () => {
    const { access, clock } = await open({ jwt });
    const other = await open({ jwt });
    const token = bearing(await signWithSecret(secret, clock.now(), { role: 'READER' }));
    const identity = await access.identify(token);

    expect(access.holds(identity)).toBe(true);
    expect(access.holds({ ...identity })).toBe(false);
    expect(access.holds(await other.access.identify(token))).toBe(false);
  });

  test('a file that cannot be used refuses the start', async () => {
    await expect(open({ file: '/nowhere/access.json' })).rejects.toThrow(AccessFileError);
  });

  test('an issuer that cannot be reached does not, and closing leaves nothing behind', async () => {
    const keys = { kind: 'jwks', url: 'http://127.0.0.1:9/jwks.json' } as const;
    await using written = await createTestAccessFile([entryFor('a-token', { name: 'noc', role: 'OPERATOR' })]);
    const { access, clock, log } = await open({ file: written.path, jwt: { ...jwt, keys } });
    expect((await access.identify(bearing('a-token'))).viewer.name).toBe('noc');
    const token = await signWithSecret(secret, clock.now(), { role: 'ADMIN' });
    await adviceFor(access, bearing(token));
    const header = Buffer.from('{"alg":"ES256"}').toString('base64url');
    await expect(access.identify(bearing(token.replace(/^[^.]+/, header)))).rejects.toThrow(AccessUnavailable);
    access.close();

    expect(log.messages()).toContain('The keys for JWTs cannot be fetched: no JWT can be checked until they are');
    expect(clock.pending()).toBe(0);
  });
});

describe('nothing made up lets anybody in', () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  const part = fc.oneof(
    bytes.map((array) => Buffer.from(array).toString('base64url')),
    fc.json().map((json) => Buffer.from(json).toString('base64url')),
    fc
      .record({ alg: fc.constantFrom('HS256', 'none', 'RS256', 'ES256', 'EdDSA', '__proto__'), kid: fc.string() })
      .map((header) => Buffer.from(JSON.stringify(header)).toString('base64url')),
    fc.constant(''),
  );
  const token = fc.oneof(
    fc.string({ unit: 'binary' }),
    bytes.map((array) => `dfgw_${Buffer.from(array).toString('base64url')}`),
    bytes.map((array) => Buffer.from(array).toString('hex')),
    fc.tuple(part, part, part).map((parts) => parts.join('.')),
  );
  const text = fc.option(fc.string({ unit: 'binary' }));

  property.prop({
    token,
    cookie: text,
    xsrfToken: text,
    origin: text,
    scheme: fc.constantFrom('Bearer ', 'bearer ', ''),
  })('random tokens, JWTs and cookies', async ({ token, scheme, ...rest }) => {
    await using written = await createTestAccessFile([entryFor('a-token', { name: 'noc', role: 'OPERATOR' })]);
    const { access } = await open({ file: written.path, jwt });
    const credentials = presented({ ...rest, authorization: scheme + token });
    await expect(access.identify(credentials)).rejects.toThrow(Unauthenticated);
    access.close();
  });

  test('nor does a real JWT with any one character changed', async () => {
    const { access, clock } = await open({ jwt });
    const real = await signWithSecret(secret, clock.now(), { role: 'ADMIN' });
    await access.identify(bearing(real));
    for (let place = 0; place < real.length - 1; place++) {
      const changed = `${real.slice(0, place)}${real[place] === 'A' ? 'B' : 'A'}${real.slice(place + 1)}`;
      await expect(access.identify(bearing(changed)), `character ${place}`).rejects.toThrow(Unauthenticated);
    }
  });
});
